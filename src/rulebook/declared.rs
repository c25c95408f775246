//! What the keys of a declaration hold: kinds that packs name, and that declarations are read by.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A code in quotes.
    Code,
    /// A number.
    Number,
    /// A bare decimal text in yuan.
    Yuan,
    /// `{ "value": "2035.67", "unit": "万元" }`.
    Amount,
    /// A day.
    Date,
    /// True or false.
    Bool,
    /// A list of texts, each a row with the field `value`.
    Texts,
}

impl Shape {
    /// All of them with the names packs use.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("text", Self::Text),
        ("code", Self::Code),
        ("number", Self::Number),
        ("yuan", Self::Yuan),
        ("amount", Self::Amount),
        ("date", Self::Date),
        ("bool", Self::Bool),
        ("texts", Self::Texts),
    ];

    /// The shape of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, shape)| shape)
    }
}

/// A key of the declaration that a call has of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its path, without indices of lists, such as `equipment.invoices.number`.
    pub path: String,
    /// What it holds.
    pub shape: Shape,
}
