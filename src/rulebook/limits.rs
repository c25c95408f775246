//! What a pack may hold at most. Rules come from outside too, and CEL counts nothing by itself.

/// A bound on packs.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// How many.
    pub most: usize,
    /// Of what.
    pub of: &'static str,
}

impl Bound {
    /// What is said where there is more.
    #[must_use]
    pub fn said(&self, found: usize) -> String {
        format!("{found} {}; the limit is {}", self.of, self.most)
    }
}

/// Bytes of one file.
pub const FILE: Bound = Bound { most: 1 << 20, of: "bytes in one file" };
/// Rules of one pack.
pub const RULES: Bound = Bound { most: 1_000, of: "rules" };
/// Tests of one pack.
pub const TESTS: Bound = Bound { most: 5_000, of: "tests" };
/// Constants of one pack.
pub const CONSTANTS: Bound = Bound { most: 1_000, of: "constants" };
/// Fields of documents and keys of the declaration that rules may read.
pub const FIELDS: Bound = Bound { most: 2_000, of: "fields of documents and of the declaration" };
/// Sums worth showing.
pub const TOTALS: Bound = Bound { most: 100, of: "sums worth showing" };
/// Clauses of one pack.
pub const CLAUSES: Bound = Bound { most: 1_000, of: "clauses" };
/// Asides of one pack.
pub const ASIDES: Bound = Bound { most: 1_000, of: "asides" };
/// Characters of one clause.
pub const CLAUSE: Bound = Bound { most: 5_000, of: "characters in one clause" };
/// Rows of all tiers.
pub const TIERS: Bound = Bound { most: 1_000, of: "rows of tiers" };
/// Words for reasons.
pub const REASONS: Bound = Bound { most: 1_000, of: "reasons in words" };
/// Kinds of costs.
pub const COSTS: Bound = Bound { most: 100, of: "kinds of costs" };
/// Names that one rule gives to expressions.
pub const NAMES: Bound = Bound { most: 60, of: "named expressions in one rule" };
/// Special cases and notes of one rule.
pub const CASES: Bound = Bound { most: 60, of: "special cases and notes of one rule" };
/// Combinations of the readings of one rule.
pub const READINGS: Bound = Bound { most: 64, of: "combinations of readings" };
/// Bytes of one expression.
pub const EXPRESSION: Bound = Bound { most: 2_000, of: "bytes in an expression" };
/// Parts of an expression inside each other.
pub const DEPTH: Bound = Bound { most: 100, of: "parts of an expression inside each other" };
/// Comprehensions inside each other.
pub const COMPREHENSIONS: Bound = Bound { most: 2, of: "comprehensions inside each other" };
/// Mistakes that are shown of one pack.
pub const MISTAKES: Bound = Bound { most: 100, of: "mistakes shown" };
/// Elements that the comprehensions of one rule may go through for one case.
pub const STEPS: Bound = Bound { most: 2_000_000, of: "elements gone through by one rule" };

/// All of them, for those who print them.
pub const BOUNDS: &[Bound] = &[
    FILE,
    RULES,
    TESTS,
    CONSTANTS,
    FIELDS,
    TOTALS,
    CLAUSES,
    ASIDES,
    CLAUSE,
    TIERS,
    COSTS,
    REASONS,
    NAMES,
    CASES,
    READINGS,
    EXPRESSION,
    DEPTH,
    COMPREHENSIONS,
    MISTAKES,
    STEPS,
];
