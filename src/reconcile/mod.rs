//! Sums that should agree: which items of two lists belong to each other, and what makes up a difference.
//!
//! Plain arithmetic over items, whoever read them: no documents, no rules, no places.

mod assign;
mod difference;
mod matching;
mod subsets;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use difference::{Candidate, made_up, slip};
pub use matching::{By, Dates, Group, Matching, matched};
pub use subsets::subsets;

/// An amount in yuan with half of its last printed digit: what is printed stands for a band (domain.md,
/// section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// As printed, in yuan.
    pub yuan: Decimal,
    /// Half of what the last printed digit is worth, in yuan; zero for an exact amount.
    pub half: Decimal,
}

impl Band {
    /// An amount printed to the last fen.
    #[must_use]
    pub const fn exact(yuan: Decimal) -> Self {
        Self { yuan, half: Decimal::ZERO }
    }

    /// Whether two amounts may be the same.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let apart = self.yuan.checked_sub(other.yuan).map(|apart| apart.abs());
        apart.zip(self.half.checked_add(other.half)).is_some_and(|(apart, reach)| apart <= reach)
    }
}

/// An item of a list: an invoice, a line of a schedule, a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The number that names it, folded; empty where none was read.
    pub number: String,
    /// Without tax.
    pub net: Option<Band>,
    /// With tax.
    pub gross: Option<Band>,
    /// The day of the invoice or payment.
    pub date: Option<NaiveDate>,
    /// Who is on the other side, folded; empty where that was not read.
    pub party: String,
}

impl Item {
    /// Whether two items may be of one amount: in every basis both have, and at least one.
    #[must_use]
    pub fn is_of_amount(&self, other: &Self) -> bool {
        let both = [self.net.zip(other.net), self.gross.zip(other.gross)];
        let mut known = both.into_iter().flatten().peekable();
        known.peek().is_some() && known.all(|(own, theirs)| own.meets(theirs))
    }

    /// The amount that sums are made of: with tax where that is known.
    fn sum(&self) -> Option<Band> {
        self.gross.or(self.net)
    }
}
