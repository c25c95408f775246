//! What was asked for, what it takes, and what was drawn.

use rust_decimal::Decimal;

use super::{
    Population, attribute,
    draw::{systematic, without_replacement},
    factor::Factors,
    monetary,
};

/// How items are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every fen as likely: monetary-unit sampling, for how much is overstated.
    Mus,
    /// Every item as likely: attribute sampling, for how many items deviate.
    Random,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mus, Self::Random];

    /// The name used on the command line and in worksheets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mus => "mus",
            Self::Random => "random",
        }
    }

    /// The method of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// What is asked of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// How items are drawn.
    pub method: Method,
    /// In percent, from 50 to below 100.
    pub confidence: Decimal,
    /// What may be wrong: misstatement in yuan, or deviating items in percent.
    pub tolerable: Decimal,
    /// What is thought to be wrong, in the same unit.
    pub expected: Decimal,
    /// What it is drawn by.
    pub seed: u64,
}

/// What an order takes of a population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Points or items that are needed; `None` where no number is enough.
    pub needed: Option<u64>,
    /// Deviations that may be among the items (attribute sampling).
    pub allowed: u64,
    /// The interval between points in yuan (monetary-unit sampling); `None` where everything is examined.
    pub interval: Option<Decimal>,
    /// Whether every item is examined.
    pub whole: bool,
}

/// An order, its population, what it takes and what was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What was asked for.
    pub order: Order,
    /// What it was drawn from.
    pub population: Population,
    /// What it takes.
    pub plan: Plan,
    /// The numbers of the items drawn, from 1, ascending.
    pub drawn: Vec<usize>,
}

/// Why nothing can be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// There is nothing to draw from.
    #[error("there is no item with an amount above zero to draw from")]
    Empty,
    /// More than any such population comes to.
    #[error("the items come to {0} yuan, which is more than a sample is drawn from")]
    TooMuch(Decimal),
    /// Not from 50 to below 100.
    #[error("a confidence of {0} % cannot be planned for; wanted 50 or more and less than 100")]
    Confidence(Decimal),
    /// Nothing can be tolerated, or all of it.
    #[error("{0} cannot be what is tolerable; wanted more than 0 (yuan), or between 0 and 100 (percent)")]
    Tolerable(Decimal),
    /// Less than nothing is expected, or no less than is tolerable.
    #[error("{0} cannot be what is expected; wanted 0 or more, and less than is tolerable")]
    Expected(Decimal),
    /// The table of expansion factors has no row for it.
    #[error(
        "at {0} % confidence no expansion factor is published, so nothing may be expected; wanted at most 99"
    )]
    Expansion(Decimal),
}

/// The most yuan of a population: its fen can be counted.
const MOST: i64 = 100_000_000_000_000_000;

impl Sample {
    /// Plans and draws. The same order and population give the same sample.
    ///
    /// # Errors
    ///
    /// Where nothing can be drawn, or the order makes no sense.
    pub fn draw(order: Order, population: Population) -> Result<Self, SampleError> {
        order.check()?;
        let (all, book) = (population.items.len(), population.book());
        if all == 0 {
            return Err(SampleError::Empty);
        }
        if book >= Decimal::from(MOST) {
            return Err(SampleError::TooMuch(book));
        }
        let mut plan = match order.method {
            Method::Mus => order.monetary(book, all as u64)?,
            Method::Random => order.attribute(all as u64),
        };
        let drawn: Vec<usize> = match (order.method, plan.interval) {
            _ if plan.whole => (0..all).collect(),
            (Method::Mus, Some(interval)) => {
                systematic(population.items.iter().map(|item| item.book), interval, order.seed)
            }
            _ => {
                let size = usize::try_from(plan.needed.unwrap_or(all as u64)).unwrap_or(all);
                without_replacement(size, all, order.seed)
            }
        };
        if drawn.len() == all {
            // Nothing is left to be projected to.
            plan.whole = true;
            plan.interval = None;
        }
        Ok(Self { order, population, plan, drawn: drawn.into_iter().map(|at| at + 1).collect() })
    }

    /// Whether an item is so large that it was certain to be drawn, though not all are.
    #[must_use]
    pub fn is_certain(&self, book: Decimal) -> bool {
        self.plan.interval.is_some_and(|interval| book >= interval)
    }
}

impl Order {
    /// The confidence factors that go with it.
    #[must_use]
    pub fn factors(&self) -> Factors {
        Factors::exact(self.confidence)
    }

    fn check(&self) -> Result<(), SampleError> {
        let all = Decimal::ONE_HUNDRED;
        if self.confidence < Decimal::from(50) || self.confidence >= all {
            return Err(SampleError::Confidence(self.confidence));
        }
        if self.tolerable <= Decimal::ZERO || self.method == Method::Random && self.tolerable >= all {
            return Err(SampleError::Tolerable(self.tolerable));
        }
        if self.expected < Decimal::ZERO || self.expected >= self.tolerable {
            return Err(SampleError::Expected(self.expected));
        }
        Ok(())
    }

    fn monetary(&self, book: Decimal, all: u64) -> Result<Plan, SampleError> {
        let enlarged = monetary::enlarged(self.expected, self.confidence);
        let enlarged = enlarged.ok_or(SampleError::Expansion(self.confidence))?;
        let needed = monetary::points(book, self.tolerable, self.expected, enlarged, &self.factors());
        let enough = needed.filter(|points| *points <= all);
        let interval = enough.map(|points| monetary::interval(book, points));
        Ok(Plan { needed, allowed: 0, interval, whole: enough.is_none() })
    }

    fn attribute(&self, all: u64) -> Plan {
        let size = attribute::size_of(self.confidence, self.tolerable, self.expected, all);
        Plan {
            needed: size.map(|size| size.items),
            allowed: size.map_or_else(|| attribute::tolerated(self.tolerable, all), |size| size.allowed),
            interval: None,
            whole: size.is_none(),
        }
    }
}
