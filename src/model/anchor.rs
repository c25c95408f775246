//! Where something was seen, precisely enough to draw a box round it.

use super::geometry::Rect;

/// A place in a file or in the declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// A box on an upright page.
    Box {
        /// Page from 1.
        page: u32,
        /// Where on it, in points.
        bounds: Rect,
    },
    /// A cell of a sheet.
    Cell {
        /// The sheet's name.
        sheet: String,
        /// Row from 1.
        row: u32,
        /// Column from 1 (printed as letters).
        column: u32,
    },
    /// A node of structured data.
    Node {
        /// Path from the root, such as `eInvoice/Buyer/BuyerName`.
        path: String,
    },
    /// A field of the declaration.
    Form {
        /// Path from the root, such as `applicant.uscc` or `benchmark_factory.invoices[2].net`.
        field: String,
    },
}

/// The letters of a column: 1 is `A`, 27 is `AA`.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}
