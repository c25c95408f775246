//! Opening packages and picture headers safely: sizes are counted while reading, never believed.
//!
//! Nothing in here knows what a document is; the layers above turn troubles into problems.

pub mod charset;
pub mod fonts;
pub mod ofd;
pub mod picture;
pub mod xml;
pub mod zip;
