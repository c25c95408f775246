//! What a sample is drawn from: items in an order of their own, whatever order and files they came in.

use rust_decimal::{Decimal, RoundingStrategy};
use sha2::{Digest, Sha256};

use crate::model::value::money;

/// Characters of a name, number or place that are kept.
const CHARACTERS: usize = 200;

/// Yuan from which on a workbook's binary fraction does not hold an amount to the fen.
const TOO_MUCH: i64 = 10_000_000_000_000;

/// Why an item cannot be drawn: (code, Chinese, English). It is listed apart and said.
pub const APART: &[(&str, &str, &str)] = &[
    (NEGATIVE, "负数（红字等），不参与抽样", "negative, such as a red letter"),
    (ZERO, "金额为零", "an amount of nothing"),
    (UNREAD, "金额未能读出", "its amount could not be read"),
    (TOO_LARGE, "金额过大，疑为误读", "too large an amount to be meant"),
    (DOUBLED, "重复计入", "counted twice"),
    ("wrong_buyer", "购买方不是申报单位", "bought by somebody else"),
    ("wrong_payer", "付款方不是申报单位", "paid by somebody else"),
    ("refund", "退款", "a refund"),
    ("outside_period", "在规定期间之外", "outside the period that counts"),
    ("short_service", "服务使用时间不足", "a service used too briefly"),
];
const NEGATIVE: &str = "negative";
const ZERO: &str = "zero";
const UNREAD: &str = "unread";
const TOO_LARGE: &str = "too_large";
const DOUBLED: &str = "doubled_item";

/// An item as it was found in a case.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What it is.
    pub name: String,
    /// The number of its invoice or receipt; empty where it has none.
    pub number: String,
    /// Its day or month, ISO; empty where none was read.
    pub date: String,
    /// Its amount in yuan; `None` where it was not read.
    pub amount: Option<Decimal>,
    /// The file it stands in, as named in the case.
    pub file: String,
    /// That file's content hash, so that order does not hang on names.
    pub document: String,
    /// Where in the file: page and box, cell, node, or field.
    pub place: String,
    /// Whether its number names one item alone, so that the same number, day and amount again are a copy.
    pub numbered: bool,
    /// Why it is not to be drawn, by a code of [`APART`].
    pub apart: Option<&'static str>,
}

/// An item that can be drawn. Texts are on one line and no longer than 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// The number of its invoice or receipt.
    pub number: String,
    /// Its day or month, ISO.
    pub date: String,
    /// What it was booked with: yuan above zero, in whole fen.
    pub book: Decimal,
    /// The file it stands in.
    pub file: String,
    /// Where in the file.
    pub place: String,
}

/// An item that cannot be drawn, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// A code of [`APART`].
    pub reason: &'static str,
    /// Its amount in yuan, where it was read.
    pub amount: Option<Decimal>,
    /// The item; its book is its amount, or nothing.
    pub item: Item,
}

/// Items in their order, and those set apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// Items by date, number, amount and name; an item's number is its place here, from 1.
    pub items: Vec<Item>,
    /// What is not to be drawn, in the same order.
    pub apart: Vec<Apart>,
}

/// An amount to the fen.
#[must_use]
pub fn fen(amount: Decimal) -> Decimal {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    amount
}

impl Population {
    /// Sorts items, and sets apart what is not above zero or was told apart before.
    #[must_use]
    pub fn new(mut found: Vec<Found>) -> Self {
        found.sort_by(|a, b| {
            let key = |one: &Found| (one.date.clone(), one.number.clone(), one.amount, one.name.clone());
            let place = |one: &Found| (one.document.clone(), one.place.clone(), one.file.clone());
            key(a).cmp(&key(b)).then_with(|| place(a).cmp(&place(b)))
        });
        let mut population = Self::default();
        for one in found {
            let amount = one.amount.map(fen);
            let reason = one.apart.or(match amount {
                None => Some(UNREAD),
                Some(amount) if amount.is_zero() => Some(ZERO),
                Some(amount) if amount.abs() >= Decimal::from(TOO_MUCH) => Some(TOO_LARGE),
                Some(amount) if amount < Decimal::ZERO => Some(NEGATIVE),
                Some(_) => None,
            });
            let item = Item {
                name: plain(&one.name),
                number: plain(&one.number),
                date: plain(&one.date),
                book: amount.unwrap_or_default(),
                file: plain(&one.file),
                place: plain(&one.place),
            };
            let is_copy = |last: &Item| {
                (&last.number, &last.date, last.book) == (&item.number, &item.date, item.book)
                    && !item.number.is_empty()
            };
            let copied = one.numbered && population.items.last().is_some_and(is_copy);
            match reason.or(copied.then_some(DOUBLED)) {
                Some(reason) => population.apart.push(Apart { reason, amount, item }),
                None => population.items.push(item),
            }
        }
        population
    }

    /// What the items come to, in yuan.
    #[must_use]
    pub fn book(&self) -> Decimal {
        self.items.iter().map(|item| item.book).sum()
    }

    /// What the items come to less what is negative.
    #[must_use]
    pub fn net(&self) -> Decimal {
        let negative = self.apart.iter().filter(|apart| apart.reason == NEGATIVE);
        self.book() + negative.map(|apart| apart.item.book).sum::<Decimal>()
    }

    /// How many items have an amount that was not read, or is not believed.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.apart.iter().filter(|apart| [UNREAD, TOO_LARGE].contains(&apart.reason)).count()
    }

    /// What tells this population from any other: SHA-256 over date, number, name and book of all items in their
    /// order, lower-case hex. Files and places are not part of it, so that a renamed file makes no other.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for item in &self.items {
            let book = money::wire(item.book);
            hash.update([&*item.date, &*item.number, &*item.name, &*book].join("\u{1f}") + "\n");
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Text as a cell gives it back: on one line, without what nobody sees, and not as a formula's result is written.
fn plain(text: &str) -> String {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let line: Vec<&str> = text.split_whitespace().collect();
    let line: String = line.join(" ").chars().filter(|c| !unseen(*c)).take(CHARACTERS).collect();
    line.replace("_x", "_ x").trim_start_matches(['=', ' ']).trim_end().to_owned()
}
