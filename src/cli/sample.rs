//! `heyan sample`: an audit sample of a case's investment items, planned, drawn and evaluated.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;

use super::{Ending, case, extract, say, tools, verify::day, whole::whole};
use crate::{
    model::{
        case::Examination,
        value::{Value, money},
    },
    pipeline,
    report::{self, sample as shown},
    rulebook::Pack,
    sample::{
        self, Basis, Method, Of, Order, Population, Sample, Verdict,
        worksheet::{self, Head, Worksheet},
    },
};

/// The pack's constant that a total must reach.
const THRESHOLD: &str = "investment_threshold";

/// Plans, draws and evaluates an audit sample of a case's investment items.
///
/// With a case and --seed the sample is planned, drawn and printed, and --out writes the worksheet to be filled in.
/// --evaluate reads the worksheet back: the sample is drawn again from what it carries, so that nothing but the answers
/// is taken from its rows; with a case the population must still be that of the case. There is no conclusion while an
/// item was not examined.
#[derive(Args)]
#[command(name = "sample")]
pub(super) struct Draw {
    /// The case: a folder, or a zip of one.
    #[arg(value_name = "CASE", required_unless_present_any = ["evaluate", "tables"])]
    case: Option<PathBuf>,
    /// mus: every yuan as likely, for how much is overstated. random: every item as likely, for how many deviate.
    #[arg(long, default_value = "mus", value_parser = ["mus", "random"])]
    method: String,
    /// What is sampled: audit (lines of the audit's schedule), invoices, declared (invoices), payments. If not
    /// given: payments of a cloud case, else audit, and invoices where there is no schedule.
    #[arg(long, value_parser = ["audit", "invoices", "declared", "payments"])]
    of: Option<String>,
    /// Which amounts count: net or gross of tax. If not given, as the audit report or the declaration says, else net.
    #[arg(long, value_parser = ["net", "gross"])]
    basis: Option<String>,
    /// Confidence in percent, from 50 to below 100.
    #[arg(long, default_value = "95", value_name = "PERCENT")]
    confidence: Decimal,
    /// What may be wrong. mus: yuan, or auto for how far the total lies above the call's threshold. random: a share
    /// of the items such as 20%. If not given: auto, or 5%.
    #[arg(long, value_name = "AMOUNT|PERCENT|auto")]
    tolerable: Option<String>,
    /// What is thought to be wrong. mus: yuan. random: a share of the items such as 1%. If not given: nothing.
    #[arg(long, value_name = "AMOUNT|PERCENT")]
    expected: Option<String>,
    /// What the sample is drawn by: a whole number that nobody could foresee. The same one draws the same sample.
    #[arg(long, value_name = "N", required_unless_present_any = ["evaluate", "tables"])]
    seed: Option<u64>,
    /// Writes the worksheet (xlsx) to be filled in.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Reads a worksheet that was filled in and evaluates it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "out", "tables", "method", "of", "basis", "confidence", "tolerable", "expected"])]
    evaluate: Option<PathBuf>,
    /// Prints the confidence factors and sample sizes at --confidence and stops.
    #[arg(long, conflicts_with_all = ["case", "seed", "out", "method", "of", "basis", "tolerable", "expected"])]
    tables: bool,
    /// The call's rule pack, whose threshold counts.
    #[arg(long, default_value = "jiangsu-2023")]
    pack: String,
    /// The day that counts as today (YYYY-MM-DD); the clock's day if not given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<NaiveDate>,
    /// text or json.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    #[command(flatten)]
    reading: tools::Reading,
    #[command(flatten)]
    language: tools::Language,
}

impl Draw {
    pub(super) fn run(self) -> Result<Ending> {
        let lang = self.language.lang();
        if self.tables {
            self.in_range()?;
            let text = match self.format.as_str() {
                "json" => shown::tables_json(self.confidence),
                _ => shown::tables_text(self.confidence, lang),
            };
            say::result(&text);
            return Ok(Ending::Fine);
        }
        match &self.evaluate {
            Some(file) => self.evaluated(file),
            None => self.drawn(),
        }
    }

    fn in_range(&self) -> Result<()> {
        if self.confidence < Decimal::from(50) || self.confidence >= Decimal::ONE_HUNDRED {
            return Err(say::advised(
                format!("--confidence {} cannot be planned for", self.confidence),
                "give a percentage from 50 to below 100, such as 95".to_owned(),
            ));
        }
        Ok(())
    }

    /// Plans and draws.
    fn drawn(&self) -> Result<Ending> {
        let lang = self.language.lang();
        self.in_range()?;
        // Before anything is read: what was typed wrongly should not take minutes to be said.
        let asked = self.asked()?;
        let pack = self.reading.pack(&self.pack)?;
        let case = self.examined(&pack)?;
        let of = self.of.as_deref().and_then(Of::named).unwrap_or_else(|| sample::usual(&case));
        let basis = self.basis.as_deref().and_then(Basis::named).unwrap_or_else(|| sample::basis(&case));
        let population = Population::new(sample::found(&case, of, basis));
        if population.items.is_empty() {
            let there: Vec<&str> = sample::OF
                .iter()
                .filter(|row| !Population::new(sample::found(&case, row.1, basis)).items.is_empty())
                .map(|row| row.0)
                .collect();
            let advice = if there.is_empty() {
                "see with `heyan verify` what was read of the case".to_owned()
            } else {
                format!("--of {} has items", there.join(", --of "))
            };
            let trouble = format!("{} has no {} with an amount above zero", case.name, name_of(of).1);
            return Err(say::advised(trouble, advice));
        }
        let tolerable = asked.tolerable.map_or_else(|| headroom(&case, &population, &pack), Ok)?;
        let Asked { method, expected, .. } = asked;
        let order = Order {
            method,
            confidence: self.confidence,
            tolerable,
            expected,
            seed: self.seed.unwrap_or_default(),
        };
        let head = head(&case, of, basis);
        let unread = population.unread();
        let drawn = Sample::draw(order, population).map_err(|error| {
            say::advised(error.to_string(), "`heyan sample --help` says what each is".to_owned())
        })?;
        if let Some(out) = &self.out {
            whole(out, &shown::workbook(&drawn, &head, &case.made_with)?)?;
        }
        say::result(&match self.format.as_str() {
            "json" => shown::sample_json(&drawn, &head, &case.made_with),
            _ => shown::sample_text(&drawn, &head, &case.made_with, lang),
        });
        if unread > 0 {
            say::hint(&format!(
                "{unread} items have no amount that could be read; examine them by hand, they are not in the population"
            ));
        }
        if !case.problems.is_empty() {
            say::hint(&format!(
                "{} problems while reading the case: what was not read is not in the population; `heyan verify` lists them",
                case.problems.len()
            ));
        }
        if let Some(out) = &self.out {
            say::hint(&format!("fill in {0}, then run `heyan sample --evaluate {0}`", out.display()));
        }
        Ok(if unread > 0 || !case.problems.is_empty() { Ending::Findings } else { Ending::Fine })
    }

    /// Evaluates a worksheet.
    fn evaluated(&self, file: &Path) -> Result<Ending> {
        let lang = self.language.lang();
        let name = file.display().to_string();
        let files = BTreeMap::from([(name.clone(), extract::bytes(file)?)]);
        let documents = pipeline::open(&files, &tools::without_engines(Some(1))?, &|_| {});
        let sheets = documents.into_iter().next().map(|document| {
            for problem in &document.problems {
                let line = format!("{}: {}", problem.code, lang.say(&problem.message));
                say::hint(&report::text::printable(&line));
            }
            document.sheets
        });
        let Worksheet { head, sample: drawn, answers } = worksheet::read(&sheets.unwrap_or_default())
            .map_err(|faults| {
                let trouble =
                    format!("{name} is not the worksheet that was written, or not filled in as it should be");
                say::advised(
                    format!("{trouble}\n{}", shown::faults_text(&faults, lang)),
                    "mend these cells and evaluate it again; only answers and remarks are to be filled in"
                        .to_owned(),
                )
            })?;
        if self.case.is_some() {
            let case = self.examined(&self.reading.pack(&self.pack)?)?;
            same_population(&case, &head, &drawn, &name)?;
        }
        let evaluation = sample::evaluate(&drawn, &answers);
        say::result(&match self.format.as_str() {
            "json" => shown::evaluation_json(&drawn, &head, &evaluation),
            _ => shown::evaluation_text(&drawn, &head, &evaluation, lang),
        });
        Ok(if evaluation.verdict == Verdict::Supported { Ending::Fine } else { Ending::Findings })
    }

    /// The case as `verify` would examine it alone.
    fn examined(&self, pack: &Pack) -> Result<Examination> {
        let path = self.case.as_deref().unwrap_or_else(|| Path::new("."));
        let found = case::cases(path)?;
        let [one] = found.as_slice() else {
            return Err(say::advised(
                format!("{} holds {} cases", path.display(), found.len()),
                "name one of them: a sample is of one case".to_owned(),
            ));
        };
        let (tools, _memory) = self.reading.open()?;
        let files = case::load(one, &tools)?;
        let progress = say::Progress::new(&files.name, "pages");
        let today = self.today.unwrap_or_else(|| chrono::Local::now().date_naive());
        Ok(pipeline::examine(&files, pack, &tools, today, &|step| progress.step(step)))
    }

    fn asked(&self) -> Result<Asked> {
        let method = Method::named(&self.method).unwrap_or(Method::Mus);
        let amount = match method {
            Method::Mus => yuan,
            Method::Random => percent,
        };
        let tolerable = match (method, self.tolerable.as_deref()) {
            (Method::Mus, None | Some("auto")) => None,
            (_, text) => Some(amount("--tolerable", text.unwrap_or("5%"))?),
        };
        let expected = self.expected.as_deref().map(|text| amount("--expected", text)).transpose()?;
        Ok(Asked { method, tolerable, expected: expected.unwrap_or_default() })
    }
}

/// What was asked for, in yuan or percent.
struct Asked {
    method: Method,
    /// `None` for as much as the headroom.
    tolerable: Option<Decimal>,
    expected: Decimal,
}

/// How far the total lies above the threshold of the pack.
fn headroom(case: &Examination, population: &Population, pack: &Pack) -> Result<Decimal> {
    let advice = || "give --tolerable AMOUNT in yuan".to_owned();
    let threshold = match pack.config.get(THRESHOLD) {
        Some(Value::Money(money)) => Some(money.yuan),
        _ => None,
    };
    let room = threshold.and_then(|threshold| sample::headroom(case, population, threshold));
    let Some(room) = room else {
        let trouble = format!(
            "the call names no total that {} has to reach, so there is no headroom to plan from",
            case.name
        );
        return Err(say::advised(trouble, advice()));
    };
    if room <= Decimal::ZERO {
        let trouble = format!(
            "the total is {} yuan below the threshold or on it: nothing may be wrong, and no sample shows that",
            money::wire(-room)
        );
        return Err(say::advised(trouble, format!("examine every item, or {}", advice())));
    }
    Ok(room)
}

fn yuan(option: &str, text: &str) -> Result<Decimal> {
    money::parse_figures(text).map(sample::fen).ok_or_else(|| {
        say::advised(
            format!("{option} {text} is no amount"),
            "give yuan, such as 4500000 or 4,500,000.00".to_owned(),
        )
    })
}

fn percent(option: &str, text: &str) -> Result<Decimal> {
    let share = text.strip_suffix('%').and_then(|share| share.trim().parse().ok());
    share.filter(|share| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(share)).ok_or_else(|| {
        say::advised(
            format!("{option} {text} is no share of the items"),
            "with --method random give percent, such as 5%".to_owned(),
        )
    })
}

fn name_of(of: Of) -> (&'static str, &'static str) {
    sample::OF.iter().find(|row| row.1 == of).map_or(("", ""), |row| (row.0, row.3))
}

fn head(case: &Examination, of: Of, basis: Basis) -> Head {
    let basis = sample::BASES.iter().find(|row| row.1 == basis && of != Of::Payments).map_or("", |row| row.0);
    Head { case: case.name.clone(), of: name_of(of).0.to_owned(), basis: basis.to_owned() }
}

/// Whether a worksheet was drawn from what the case holds now.
fn same_population(case: &Examination, head: &Head, drawn: &Sample, name: &str) -> Result<()> {
    let of = Of::named(&head.of).unwrap_or_else(|| sample::usual(case));
    let basis = Basis::named(&head.basis).unwrap_or_else(|| sample::basis(case));
    let now = Population::new(sample::found(case, of, basis));
    if now.fingerprint() == drawn.population.fingerprint() {
        return Ok(());
    }
    let told = |population: &Population| {
        format!("{} items of {} yuan", population.items.len(), money::wire(population.book()))
    };
    Err(say::advised(
        format!(
            "{name} was drawn from another population: {}, and {} has {}",
            told(&drawn.population),
            case.name,
            told(&now)
        ),
        "evaluate it with the case it was drawn from, or draw anew from this one".to_owned(),
    ))
}
