//! Opening packages and picture headers safely: sizes are counted while reading, never believed.
//!
//! Nothing in here knows what a document is; the layers above turn troubles into problems.

pub mod archive;
mod bounds;
pub mod charset;
pub mod email;
pub mod fonts;
pub mod ofd;
pub mod ole;
pub mod package;
pub mod packed;
pub mod picture;
pub mod rar;
pub mod sevenz;
pub mod tar;
pub mod tlv;
mod width;
pub mod word;
pub mod xml;
pub mod xml_stream;
pub mod zip;
