//! The worksheet that an auditor fills in: how it is laid out, and how it is read back.
//!
//! It carries the whole population and the order, so that the sample can be drawn again from the worksheet
//! alone: only what was filled in is taken from the rows of the sample, and whatever else stands there must be as
//! it was written.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::model::{
    anchor::column_letters,
    finding::Message,
    page::{Cell, CellValue, Sheet},
    value::money,
};

use super::{Answer, Item, Method, Order, Population, Sample};

/// Names of the sheets.
pub const PLAN: &str = "计划 Plan";
/// What was drawn, to be filled in.
pub const SAMPLE: &str = "样本 Sample";
/// What it was drawn from.
pub const POPULATION: &str = "总体 Population";
/// What could not be drawn.
pub const APART: &str = "剔除 Set apart";
/// What to do with it.
pub const HELP: &str = "说明 Instructions";

/// A column: heading and width in characters.
pub type Column = (&'static str, f64);

/// Columns of the population, and the first ones of the sample.
pub const COLUMNS: &[Column] = &[
    ("序号 No.", 9.0),
    ("名称 Item", 36.0),
    ("号码 Number", 24.0),
    ("日期 Date", 13.0),
    ("账面金额 Booked (元)", 20.0),
    ("文件 File", 40.0),
    ("位置 Place", 36.0),
];
/// Where the booked amount stands among them, from 0.
pub const BOOK: usize = 4;
/// Says which items were certain to be drawn.
pub const CERTAIN: Column = ("必查 Certain", 12.0);
/// Where the answer stands in the sample, from 0: behind [`COLUMNS`] and [`CERTAIN`].
pub const ANSWER: usize = COLUMNS.len() + 1;
/// Where remarks stand.
pub const REMARK: Column = ("备注 Remark", 40.0);

/// The column to fill in.
#[must_use]
pub const fn answer(method: Method) -> Column {
    match method {
        Method::Mus => ("审定金额 Audited (元)", 20.0),
        Method::Random => ("是否不符 Deviates (是/否)", 24.0),
    }
}

/// What may be written where it is asked whether an item deviates.
pub const DEVIATES: &[(&str, bool)] = &[("是", true), ("否", false), ("yes", true), ("no", false)];

/// Keys of the plan that are read back; they stand in its first column, values in its fourth.
pub const METHOD: &str = "method";
/// In percent.
pub const CONFIDENCE: &str = "confidence";
/// In yuan or percent.
pub const TOLERABLE: &str = "tolerable";
/// In yuan or percent.
pub const EXPECTED: &str = "expected";
/// A whole number.
pub const SEED: &str = "seed";
/// [`Population::fingerprint`].
pub const FINGERPRINT: &str = "population_sha256";
/// Name of the case.
pub const CASE: &str = "case";
/// Name of [`super::OF`].
pub const OF: &str = "of";
/// Name of [`super::BASES`], empty where items have one amount only.
pub const BASIS: &str = "basis";

/// What the sample is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Name of the case.
    pub case: String,
    /// What is sampled, by a name of [`super::OF`].
    pub of: String,
    /// Which amounts count, by a name of [`super::BASES`]; empty where items have one amount only.
    pub basis: String,
}

/// A worksheet that is as it was written, and what was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worksheet {
    /// What the sample is of.
    pub head: Head,
    /// The sample, drawn again.
    pub sample: Sample,
    /// What was filled in, by numbers of items.
    pub answers: BTreeMap<usize, Answer>,
}

/// Something in a worksheet that is not as it was written, or cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Sheet and cell, such as `样本 Sample!I7`; the sheet alone where no cell is meant.
    pub at: String,
    /// What was found and what was wanted.
    pub message: Message,
}

impl Fault {
    fn new(at: String, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, message: Message { zh: zh.into(), en: en.into() } }
    }
}

/// Reads a worksheet back.
///
/// # Errors
///
/// Everything in it that is not as it was written, or was filled in with what is no answer.
pub fn read(sheets: &[Sheet]) -> Result<Worksheet, Vec<Fault>> {
    let named = |name: &str| {
        let missing = || {
            Fault::new(
                name.to_owned(),
                "缺少此工作表；请使用 heyan sample 生成的工作簿",
                "there is no such sheet; hand in the workbook that heyan sample wrote",
            )
        };
        sheets.iter().find(|sheet| sheet.name == name).map(Rows).ok_or_else(|| vec![missing()])
    };
    let (plan, population, sample) = (named(PLAN)?, named(POPULATION)?, named(SAMPLE)?);
    let plan = Values::of(&plan);
    let order = plan.order()?;
    let population = self::population(&population)?;
    let (found, wanted) = (population.fingerprint(), plan.text(FINGERPRINT));
    if found != wanted {
        return Err(vec![Fault::new(
            POPULATION.to_owned(),
            format!("总体已被改动或不是抽样时的总体：现为 {found}，计划中为 {wanted}；请使用原工作簿"),
            format!(
                "this is not the population the sample was drawn from: it is {found}, the plan says {wanted}; use the workbook as it was written"
            ),
        )]);
    }
    let drawn = Sample::draw(order, population).map_err(|error| {
        vec![Fault::new(
            PLAN.to_owned(),
            format!("无法按计划抽样：{error}"),
            format!("nothing can be drawn by the plan: {error}"),
        )]
    })?;
    let answers = answers(&sample, &drawn)?;
    let head = Head { case: plan.text(CASE), of: plan.text(OF), basis: plan.text(BASIS) };
    Ok(Worksheet { head, sample: drawn, answers })
}

/// A sheet below its headings.
struct Rows<'s>(&'s Sheet);

impl<'s> Rows<'s> {
    fn cell(&self, row: usize, column: usize) -> Option<&'s Cell> {
        self.0.rows.get(row)?.get(column)
    }

    fn text(&self, row: usize, column: usize) -> &'s str {
        self.cell(row, column).map_or("", |cell| cell.text.as_str())
    }

    fn at(&self, row: usize, column: usize) -> String {
        let column = u32::try_from(column + 1).unwrap_or(u32::MAX);
        format!("{}!{}{}", self.0.name, column_letters(column), row + 1)
    }

    /// Rows below the headings in which anything stands.
    fn filled(&self) -> impl Iterator<Item = usize> {
        let anything = |row: &usize| {
            self.0.rows.get(*row).is_some_and(|cells| cells.iter().any(|cell| cell.value != CellValue::Empty))
        };
        (1..self.0.rows.len()).filter(anything)
    }

    /// Whether the headings are where they were written.
    fn headings(&self, wanted: &[&str]) -> Result<(), Vec<Fault>> {
        let moved = wanted.iter().enumerate().filter(|(column, heading)| self.text(0, *column) != **heading);
        let faults: Vec<Fault> = moved.map(|(column, heading)| self.changed(0, column, heading)).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn changed(&self, row: usize, column: usize, wanted: &str) -> Fault {
        let found = self.text(row, column);
        Fault::new(
            self.at(row, column),
            format!("原为“{wanted}”，现为“{found}”；只能填写审定结果和备注，请恢复原值"),
            format!(
                "was “{wanted}” and is “{found}”; only answers and remarks are to be filled in, put it back"
            ),
        )
    }

    /// The number of an item.
    fn number(&self, row: usize) -> Result<usize, Fault> {
        let text = self.text(row, 0);
        text.parse().map_err(|_| {
            Fault::new(
                self.at(row, 0),
                format!("应为序号，现为“{text}”；请删除此行或恢复序号"),
                format!(
                    "wanted the number of an item, found “{text}”; delete the row or put the number back"
                ),
            )
        })
    }
}

/// The values of a plan by their keys.
struct Values<'s>(BTreeMap<&'s str, (String, &'s str)>);

impl<'s> Values<'s> {
    fn of(rows: &Rows<'s>) -> Self {
        let keyed = rows.filled().map(|row| (rows.text(row, 0), (rows.at(row, 3), rows.text(row, 3))));
        Self(keyed.collect())
    }

    fn text(&self, key: &str) -> String {
        self.0.get(key).map_or_else(String::new, |(_, text)| (*text).to_owned())
    }

    fn order(&self) -> Result<Order, Vec<Fault>> {
        let mut faults = Vec::new();
        let order = Order {
            method: self.parsed(METHOD, Method::named, &mut faults).unwrap_or(Method::Mus),
            confidence: self.parsed(CONFIDENCE, decimal, &mut faults).unwrap_or_default(),
            tolerable: self.parsed(TOLERABLE, decimal, &mut faults).unwrap_or_default(),
            expected: self.parsed(EXPECTED, decimal, &mut faults).unwrap_or_default(),
            seed: self.parsed(SEED, |text| text.parse().ok(), &mut faults).unwrap_or_default(),
        };
        if faults.is_empty() { Ok(order) } else { Err(faults) }
    }

    fn parsed<T>(&self, key: &str, parse: impl Fn(&str) -> Option<T>, faults: &mut Vec<Fault>) -> Option<T> {
        let (at, text) = self.0.get(key).cloned().unwrap_or_else(|| (PLAN.to_owned(), ""));
        let value = parse(text);
        if value.is_none() {
            faults.push(Fault::new(
                at,
                format!("{key} 的值“{text}”无法理解；请恢复原值"),
                format!("{key} cannot be “{text}”; put back what was there"),
            ));
        }
        value
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    money::plausible(text.parse().ok()?)
}

fn population(rows: &Rows<'_>) -> Result<Population, Vec<Fault>> {
    let headings: Vec<&str> = COLUMNS.iter().map(|column| column.0).collect();
    rows.headings(&headings)?;
    let text = |row, column| rows.text(row, column).to_owned();
    let mut items = Vec::new();
    for row in rows.filled() {
        let number = rows.number(row).map_err(|fault| vec![fault])?;
        let book = amount(rows.cell(row, BOOK)).filter(|book| *book > Decimal::ZERO && book.scale() <= 2);
        let Some(mut book) = book.filter(|_| number == items.len() + 1) else {
            return Err(vec![Fault::new(
                rows.at(row, if number == items.len() + 1 { BOOK } else { 0 }),
                "总体已被改动；请使用原工作簿",
                "the population was changed; use the workbook as it was written",
            )]);
        };
        book.rescale(2);
        let (name, number, date) = (text(row, 1), text(row, 2), text(row, 3));
        items.push(Item { name, number, date, book, file: text(row, 5), place: text(row, 6) });
    }
    Ok(Population { items, apart: Vec::new() })
}

/// An amount as a cell holds it, typed as a number or as text.
fn amount(cell: Option<&Cell>) -> Option<Decimal> {
    let cell = cell?;
    match cell.value {
        CellValue::Number(number) => money::plausible(number.normalize()),
        CellValue::Text => money::parse_figures(&cell.text),
        _ => None,
    }
}

/// What was filled in. Rows may stand in another order, but each must be there once and as it was.
fn answers(rows: &Rows<'_>, sample: &Sample) -> Result<BTreeMap<usize, Answer>, Vec<Fault>> {
    let method = sample.order.method;
    let fill = answer(method);
    let headings: Vec<&str> = COLUMNS.iter().chain([&CERTAIN, &fill]).map(|column| column.0).collect();
    rows.headings(&headings)?;
    let drawn: BTreeSet<usize> = sample.drawn.iter().copied().collect();
    let (mut answers, mut seen, mut faults) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for row in rows.filled() {
        let number = match rows.number(row) {
            Ok(number) => number,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let item = number.checked_sub(1).and_then(|at| sample.population.items.get(at));
        let Some(item) = item.filter(|_| drawn.contains(&number) && seen.insert(number)) else {
            faults.push(Fault::new(
                rows.at(row, 0),
                format!("序号 {number} 不在样本中，或出现了两次；请删除此行"),
                format!("item {number} was not drawn, or stands here twice; delete the row"),
            ));
            continue;
        };
        let texts = [(1, &item.name), (2, &item.number), (3, &item.date), (5, &item.file), (6, &item.place)];
        let changed = texts.into_iter().filter(|(column, wanted)| rows.text(row, *column) != **wanted);
        faults.extend(changed.map(|(column, wanted)| rows.changed(row, column, wanted)));
        if amount(rows.cell(row, BOOK)) != Some(item.book) {
            faults.push(rows.changed(row, BOOK, &money::wire(item.book)));
        }
        match filled_in(method, rows.cell(row, ANSWER)) {
            Ok(Some(answer)) => {
                answers.insert(number, answer);
            }
            Ok(None) => {}
            Err((zh, en)) => {
                let found = rows.text(row, ANSWER);
                faults.push(Fault::new(
                    rows.at(row, ANSWER),
                    format!("填写了“{found}”；{zh}"),
                    format!("found “{found}”; {en}"),
                ));
            }
        }
    }
    faults.extend(drawn.difference(&seen).map(|number| {
        Fault::new(
            SAMPLE.to_owned(),
            format!("缺少序号 {number} 的一行；请恢复，未审查的留空"),
            format!(
                "the row of item {number} is gone; put it back, and leave it empty where it was not examined"
            ),
        )
    }));
    if faults.is_empty() { Ok(answers) } else { Err(faults) }
}

/// An answer; `None` where nothing stands, and what is wanted where it is none.
fn filled_in(method: Method, cell: Option<&Cell>) -> Result<Option<Answer>, (&'static str, &'static str)> {
    let Some(cell) = cell.filter(|cell| cell.value != CellValue::Empty) else { return Ok(None) };
    match method {
        Method::Mus => amount(Some(cell))
            .filter(|audited| *audited >= Decimal::ZERO)
            .map(|audited| Some(Answer::Audited(audited)))
            .ok_or((
                "应为审定金额（元），如 1234.50，全部剔除的填 0",
                "wanted the audited amount in yuan, such as 1234.50, and 0 where nothing of it stands",
            )),
        Method::Random => {
            let text = cell.text.to_lowercase();
            let named = DEVIATES.iter().find(|(word, _)| *word == text).map(|(_, deviates)| *deviates);
            let deviates = if let CellValue::Bool(value) = cell.value { Some(value) } else { named };
            deviates.map(|deviates| Some(Answer::Deviates(deviates))).ok_or((
                "应为“是”（不符）或“否”（相符）",
                "wanted 是 or yes where the item deviates, 否 or no where it does not",
            ))
        }
    }
}
