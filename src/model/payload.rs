//! Structured data that travels inside a file, or is the file: what a machine wrote for machines.

use serde::{Deserialize, Serialize};

use super::geometry::Rect;

/// One piece of structured data: an invoice's XML, fields named by a layout, a voucher.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// Which family it belongs to, as named in `rules/documents/`: its root element, such as
    /// `eInvoice` or `EInvoice`.
    pub kind: String,
    /// Where in the container it lay; empty where the file itself is the data.
    pub part: String,
    /// Its leaves, in the order of the file.
    pub nodes: Vec<Node>,
}

/// A leaf of structured data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Names from the root, namespaces left off, joined by `/`. From the second child of one name on,
    /// the name carries its number: `eInvoice/GoodsInfos/GoodsInfo[2]/Item`.
    pub path: String,
    /// What stands in it, trimmed.
    pub text: String,
    /// Where the same is printed, page from 1, if the data says so.
    pub places: Vec<(u32, Rect)>,
}
