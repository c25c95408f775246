//! Adds up again what sums in a workbook claim: a stored value may be older than its cells, or typed.
//!
//! Sums of ranges and chains of `+` and `-` over cells, rounded or not, and nothing else: this is no
//! engine for formulas. What cannot be computed for certain is left alone.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    concealed::letters,
    grid::{Formula, place, range},
};
use crate::model::{
    limits::Limits,
    page::{Cell, CellValue, Sheet},
    problem::Problem,
};

/// How many cells a message names.
const NAMED: usize = 12;
/// Longer formulas are no plain sums, and deeper brackets neither.
const LONGEST: usize = 4_000;
const DEEPEST: u32 = 20;

/// Whether a formula looks like a sum, so that it is worth keeping.
pub(super) fn plausible(text: &str) -> bool {
    text.len() <= LONGEST
        && !text.contains(['*', '/', '^', '&', '"', '<', '>', '{', '%'])
        && (text.contains('+') || text.contains('-') || upper(text).contains("SUM("))
}

fn upper(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// Formulas whose value is not in the file: a program wrote them and no spreadsheet has computed them.
pub(super) fn without_value(sheet: &Sheet, formulas: &[Formula]) -> Option<Problem> {
    let missing: Vec<&Formula> = formulas.iter().filter(|formula| !formula.valued).collect();
    if missing.is_empty() {
        return None;
    }
    let mut named: Vec<String> = missing
        .iter()
        .take(NAMED)
        .map(|one| format!("{}{}", letters(one.column as usize), one.row + 1))
        .collect();
    if missing.len() > NAMED {
        named.push("…".to_owned());
    }
    let (count, named, name) = (missing.len(), named.join(", "), &sheet.name);
    Some(Problem::new(
        "formula-without-value",
        format!(
            "工作表“{name}”有 {count} 个公式没有保存计算结果（{named}），这些单元格未读取；请用表格软件打开、保存后重新提交"
        ),
        format!(
            "{count} formulas of sheet {name:?} have no stored result ({named}) and these cells were not read; open and save the file in a spreadsheet program and hand it in again"
        ),
    ))
}

/// Sums that do not come to what is stored in their cell.
pub(super) fn differing(sheets: &[(Sheet, Vec<Formula>)], limits: &Limits) -> Vec<Problem> {
    let book = Book::of(sheets);
    let mut steps = limits.formula_steps;
    let mut problems = Vec::new();
    for (at, (sheet, formulas)) in sheets.iter().enumerate() {
        let mut wrong = Vec::new();
        for formula in formulas.iter().filter(|formula| formula.valued && !formula.text.is_empty()) {
            let own = (at, formula.row, formula.column);
            let Some(CellValue::Number(cached)) = book.cell(own).map(|cell| &cell.value) else { continue };
            let mut reading =
                Reading { book: &book, own, rest: "", steps: &mut steps, terms: 0, size: Decimal::ZERO };
            let Some(sum) = reading.formula(&formula.text) else { continue };
            if (sum - cached).abs() > reading.noise() {
                wrong.push((formula, *cached, sum.normalize()));
            }
        }
        problems.extend(
            wrong.iter().take(NAMED).map(|(formula, cached, sum)| differs(sheet, formula, *cached, *sum)),
        );
        if wrong.len() > NAMED {
            problems.push(more_differ(sheet, wrong.len()));
        }
    }
    if steps == 0 {
        problems.push(not_all_checked());
    }
    problems
}

/// A cell by sheet, row and column, from 0.
type Place = (usize, u32, u32);

/// All sheets, and which cells hold formulas without a value.
struct Book<'s> {
    sheets: Vec<&'s Sheet>,
    unvalued: std::collections::BTreeSet<Place>,
    names: BTreeMap<String, usize>,
}

impl<'s> Book<'s> {
    fn of(sheets: &'s [(Sheet, Vec<Formula>)]) -> Self {
        let numbered = || sheets.iter().enumerate();
        Self {
            sheets: sheets.iter().map(|(sheet, _)| sheet).collect(),
            unvalued: numbered()
                .flat_map(|(at, (_, formulas))| formulas.iter().map(move |formula| (at, formula)))
                .filter(|(_, formula)| !formula.valued)
                .map(|(at, formula)| (at, formula.row, formula.column))
                .collect(),
            names: numbered().map(|(at, (sheet, _))| (sheet.name.to_lowercase(), at)).collect(),
        }
    }

    fn row(&self, sheet: usize, row: u32) -> &'s [Cell] {
        self.sheets.get(sheet).and_then(|sheet| sheet.rows.get(row as usize)).map_or(&[], Vec::as_slice)
    }

    fn cell(&self, (sheet, row, column): Place) -> Option<&'s Cell> {
        self.row(sheet, row).get(column as usize)
    }
}

/// A formula while it is read. Every part gives its value, or `None` where it is none of ours.
struct Reading<'r> {
    book: &'r Book<'r>,
    /// The cell the formula stands in.
    own: Place,
    rest: &'r str,
    steps: &'r mut usize,
    /// How many numbers were added, and the sum of their absolute values: how much noise to expect.
    terms: u32,
    size: Decimal,
}

impl<'r> Reading<'r> {
    fn formula(&mut self, text: &'r str) -> Option<Decimal> {
        // Open Document writes `of:=SUM([.A1:.A3])`.
        let text = text.trim();
        let text = text.split_once(":=").filter(|(space, _)| space.len() < 8).map_or(text, |(_, rest)| rest);
        self.rest = text.trim_start_matches('=');
        let value = self.sum(0)?;
        self.rest.trim().is_empty().then_some(value)
    }

    /// What adding in binary fractions may be off by: each addition by half a unit of the sixteenth
    /// digit of all that was added, and the stored value by as much again.
    fn noise(&self) -> Decimal {
        let unit = Decimal::new(25, 17);
        self.size.checked_mul(unit * Decimal::from(self.terms + 16)).unwrap_or(Decimal::MAX)
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(c);
        self.rest = found.unwrap_or(rest);
        found.is_some()
    }

    fn sum(&mut self, depth: u32) -> Option<Decimal> {
        let mut sum = Decimal::ZERO;
        let mut negative = self.eat('-');
        if !negative {
            self.eat('+');
        }
        loop {
            let term = self.term(depth)?;
            sum = sum.checked_add(if negative { -term } else { term })?;
            if self.eat('+') {
                negative = false;
            } else if self.eat('-') {
                negative = true;
            } else {
                return Some(sum);
            }
        }
    }

    fn term(&mut self, depth: u32) -> Option<Decimal> {
        if depth > DEEPEST {
            return None;
        }
        if self.eat('(') {
            let value = self.sum(depth + 1)?;
            return self.eat(')').then_some(value);
        }
        self.rest = self.rest.trim_start();
        let word = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if self.rest.get(word..)?.starts_with('(') {
            let name = upper(self.rest.get(..word)?);
            self.rest = self.rest.get(word + 1..)?;
            return match name.as_str() {
                "SUM" => self.arguments(depth),
                "ROUND" => self.rounded(depth),
                _ => None,
            };
        }
        let digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        if digits > 0 && !self.rest.get(digits..)?.starts_with([':', '!']) {
            let value: Decimal = self.rest.get(..digits)?.parse().ok()?;
            self.rest = self.rest.get(digits..)?;
            return self.added(value);
        }
        let (sheet, (top, left, bottom, right)) = self.reference()?;
        if (top, left) != (bottom, right) {
            return None;
        }
        // An empty cell counts nothing here; text is an error or a number, as the program likes.
        self.value((sheet, top, left), true)
    }

    /// The arguments of SUM: ranges, in which only numbers count, and sums.
    fn arguments(&mut self, depth: u32) -> Option<Decimal> {
        let mut sum = Decimal::ZERO;
        loop {
            let before = self.rest;
            let alone = |rest: &str| rest.trim_start().starts_with([')', ',', ';']);
            let argument = match self.reference() {
                Some((sheet, area)) if alone(self.rest) => self.area(sheet, area)?,
                _ => {
                    self.rest = before;
                    self.sum(depth + 1)?
                }
            };
            sum = sum.checked_add(argument)?;
            if self.eat(')') {
                return Some(sum);
            }
            if !self.eat(',') && !self.eat(';') {
                return None;
            }
        }
    }

    fn rounded(&mut self, depth: u32) -> Option<Decimal> {
        let value = self.sum(depth + 1)?;
        if !self.eat(',') && !self.eat(';') {
            return None;
        }
        self.rest = self.rest.trim_start();
        let end = self.rest.find(')')?;
        let digits: u32 = self.rest.get(..end)?.trim().parse().ok()?;
        self.rest = self.rest.get(end + 1..)?;
        Some(value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
    }

    fn area(&mut self, sheet: usize, (top, left, bottom, right): (u32, u32, u32, u32)) -> Option<Decimal> {
        let mut sum = Decimal::ZERO;
        let rows = self.book.sheets.get(sheet)?.rows.len();
        let last = bottom.min(u32::try_from(rows).unwrap_or(u32::MAX));
        for row in top..=last {
            let width = u32::try_from(self.book.row(sheet, row).len()).unwrap_or(u32::MAX);
            *self.steps = self.steps.checked_sub(1).filter(|steps| *steps > 0).or_else(|| {
                *self.steps = 0;
                None
            })?;
            for column in left..=right.min(width) {
                sum = sum.checked_add(self.value((sheet, row, column), false)?)?;
            }
        }
        Some(sum)
    }

    /// The number in a cell. `alone` tells that the cell is a term and not one of a range.
    fn value(&mut self, place: Place, alone: bool) -> Option<Decimal> {
        *self.steps = self.steps.saturating_sub(1);
        if *self.steps == 0 || place == self.own || self.book.unvalued.contains(&place) {
            return None;
        }
        match self.book.cell(place).map(|cell| &cell.value) {
            None | Some(CellValue::Empty) => Some(Decimal::ZERO),
            Some(CellValue::Number(number)) => self.added(*number),
            Some(CellValue::Text | CellValue::Bool(_)) if !alone => Some(Decimal::ZERO),
            // Dates count as their days, which are not kept here; an error makes the sum one.
            _ => None,
        }
    }

    fn added(&mut self, number: Decimal) -> Option<Decimal> {
        self.terms = self.terms.saturating_add(1);
        self.size = self.size.checked_add(number.abs())?;
        Some(number)
    }

    /// A cell or range: `A1`, `$A$1:B2`, `Sheet2!A1`, `'a b'!A1:A3`, `[.A1:.B2]`, `[$Sheet.A1]`.
    fn reference(&mut self) -> Option<(usize, (u32, u32, u32, u32))> {
        let before = self.rest;
        let found = self.reference_here();
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    fn reference_here(&mut self) -> Option<(usize, (u32, u32, u32, u32))> {
        self.rest = self.rest.trim_start();
        if let Some(inside) = self.rest.strip_prefix('[') {
            let (inside, rest) = inside.split_once(']')?;
            self.rest = rest;
            let (from, to) = inside.split_once(':').unwrap_or((inside, inside));
            let (sheet, from) = self.split(from, '.')?;
            // The second corner may name the sheet again.
            let (_, to) = self.split(to, '.')?;
            return Some((sheet, range(&format!("{from}:{to}"))?));
        }
        let end = if self.rest.starts_with('\'') {
            let quote = self.rest.get(1..)?.find("'!")?;
            quote + 3
        } else {
            0
        };
        let more = self.rest.get(end..)?;
        let length = more
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '$' | ':' | '!' | '_' | '.')))
            .unwrap_or(more.len());
        let (word, rest) = self.rest.split_at_checked(end + length)?;
        let (sheet, cells) = self.split(word, '!')?;
        let area =
            if cells.contains(':') { range(cells)? } else { place(cells).map(|(r, c)| (r, c, r, c))? };
        self.rest = rest;
        Some((sheet, area))
    }

    /// Parts the sheet from the cell; the own sheet where none is named.
    fn split<'t>(&self, text: &'t str, mark: char) -> Option<(usize, &'t str)> {
        let Some((name, cells)) = text.rsplit_once(mark) else { return Some((self.own.0, text)) };
        let name = name.trim_start_matches('$').trim_matches('\'').replace("''", "'");
        let sheet = if name.is_empty() {
            Some(self.own.0)
        } else {
            self.book.names.get(&name.to_lowercase()).copied()
        };
        Some((sheet?, cells))
    }
}

fn differs(sheet: &Sheet, formula: &Formula, cached: Decimal, sum: Decimal) -> Problem {
    let (name, text) = (&sheet.name, &formula.text);
    let cell = format!("{}{}", letters(formula.column as usize), formula.row + 1);
    Problem::new(
        "cached-sum-differs",
        format!(
            "工作表“{name}”单元格 {cell} 的公式 {text} 显示 {cached}，按所引单元格重新计算为 {sum}；请核对后重新计算并保存"
        ),
        format!(
            "cell {cell} of sheet {name:?} shows {cached} for {text}, but its cells add up to {sum}; check, compute and save it again"
        ),
    )
}

fn more_differ(sheet: &Sheet, count: usize) -> Problem {
    let name = &sheet.name;
    Problem::new(
        "cached-sum-differs",
        format!(
            "工作表“{name}”共有 {count} 个求和公式与所引单元格不符，仅列出前 {NAMED} 个；请重新计算并保存"
        ),
        format!(
            "{count} sums of sheet {name:?} differ from their cells, the first {NAMED} are named; compute and save it again"
        ),
    )
}

fn not_all_checked() -> Problem {
    Problem::new(
        "sums-not-all-checked",
        "工作簿中的求和公式过多，只复算了一部分；请人工核对其余合计",
        "the workbook has more sums than are added up again, some were not checked; check the totals by hand",
    )
}
