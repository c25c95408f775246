//! What rules cost: two hundred on one case, a case of a thousand documents, ten thousand invoices reconciled,
//! and how each grows from a tenth of that.
//!
//! `cargo bench --bench rules`, with `-- WORD` for those alone that have the word in what they are. Prints the median of several runs; "wanted" is what it should be below. Growth is
//! the larger run's time through the smaller one's, beside what n log n makes of ten times as much.

use std::{error::Error, hint::black_box, time::Instant};

use chrono::NaiveDate;
use heyan::{
    check::{Facts, check, record},
    model::{
        document::{DocumentId, Format},
        fact::{Method, Record},
        paper::{Content, Paper},
    },
    reconcile::{Band, Candidate, Dates, Item, made_up, matched},
    rulebook::{Pack, embedded, load},
};
use rust_decimal::Decimal;

/// Runs of each; the median counts.
const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let files = embedded("jiangsu-2023").ok_or("there is no such pack")?;
    let pack = load("jiangsu-2023", &files).map_err(|errors| format!("{} mistakes", errors.len()))?;
    let of_rules = |count: usize| {
        let rules = pack.rules.iter().cycle().take(count).cloned().collect();
        Pack { rules, ..pack.clone() }
    };
    let case = Case::of(12)?;
    grown("rules on one case", 200, 5.0, |count| {
        let pack = of_rules(count);
        Box::new({
            let case = &case;
            move || {
                black_box(check(&case.facts(), &pack));
            }
        })
    });
    let cases = [Case::of(100)?, Case::of(1_000)?];
    grown("documents in a case, every rule", 1_000, 1_000.0, |count| {
        let case = &cases[usize::from(count == 1_000)];
        let pack = &pack;
        Box::new(move || {
            black_box(check(&case.facts(), pack));
        })
    });
    grown("invoices and lines with numbers", 10_000, 1_000.0, |count| reconciled(count, true));
    grown("invoices and lines without numbers", 10_000, 1_000.0, |count| reconciled(count, false));
    grown("invoices and lines of one seller, all of other amounts", 10_000, 1_000.0, strangers);
    Ok(())
}

/// Times something at a size and at a tenth of it.
fn grown<'c>(what: &str, size: usize, wanted: f64, make: impl Fn(usize) -> Box<dyn Fn() + 'c>) {
    let asked = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    if asked.is_some_and(|word| !what.contains(&word)) {
        return;
    }
    let (small, large) = (median(&*make(size / 10)), median(&*make(size)));
    let n = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    let n_log_n = 10.0 * n.ln() / (n / 10.0).ln();
    say(&format!(
        "{size} {what}: {large:.2} ms, wanted below {wanted}; {:.1} times a tenth of it, n log n is {n_log_n:.1}",
        large / small
    ));
}

fn median(run: &dyn Fn()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// Nothing belongs to anything, and all of it could be a part of all else.
fn strangers(count: usize) -> Box<dyn Fn()> {
    let items = |yuan: usize| -> Vec<Item> {
        let item = |at: usize| Item {
            net: Some(Band::exact(Decimal::from(10_000 + at * 2 + yuan))),
            party: "供应商".to_owned(),
            ..Item::default()
        };
        (0..count).map(item).collect()
    };
    let (invoices, lines) = (items(0), items(1));
    Box::new(move || {
        black_box(matched(&invoices, &lines, Dates::Same));
    })
}

/// Every tenth invoice is missing, every tenth line is another amount; each supplier has a hundred of them.
fn reconciled(count: usize, numbered: bool) -> Box<dyn Fn()> {
    let item = |at: usize, off: usize| Item {
        number: if numbered { format!("{at:020}") } else { String::new() },
        net: Some(Band::exact(Decimal::from(10_000 + at * 7919 % 50_000 + off))),
        gross: None,
        date: NaiveDate::from_num_days_from_ce_opt(738_000 + i32::try_from(at % 700).unwrap_or(0)),
        party: format!("供应商{}", at % (count / 100)),
    };
    let invoices: Vec<Item> = (0..count).filter(|at| at % 10 != 3).map(|at| item(at, 0)).collect();
    let lines: Vec<Item> = (0..count).map(|at| item(at, usize::from(at % 10 == 7))).collect();
    Box::new(move || {
        let found = matched(&invoices, &lines, Dates::Same);
        let missing: Vec<Candidate> = found
            .right
            .iter()
            .filter_map(|at| Some(Candidate { kind: "missing_item", amount: lines[*at].net?.yuan }))
            .collect();
        let sum = missing.iter().map(|one| one.amount).sum();
        black_box(made_up(Band::exact(sum), &missing));
    })
}

/// A factory's application with so many invoices, each a line of its audit.
struct Case {
    declaration: Record,
    papers: Vec<Paper>,
}

impl Case {
    fn of(invoices: usize) -> Result<Self, Box<dyn Error>> {
        let mut next = 0;
        let mut read = |text: &str, method| -> Result<Record, Box<dyn Error>> {
            Ok(record(&toml::from_str(text)?, method, &mut next))
        };
        let who = "buyer_name = '江苏澄岳科技有限公司'\nbuyer_tax_id = '91320100MA1ABC1235'";
        let invoice = |at: usize| {
            format!(
                "invoice_number = '2244{at:016}'\nissued_on = '2022-08-{:02}'\n{who}\nseller_name = '南京霁川数据有限公司'\nnet = '{}.00'\ntax = '0.00'\ngross = '{}.00'",
                at % 28 + 1,
                30_000 + at,
                30_000 + at
            )
        };
        let line = |at: usize| {
            format!(
                "[[items]]\ninvoice_number = '2244{at:016}'\ninvoiced_on = '2022-08-{:02}'\nnet = '{}.00'\ncategory = 'equipment'",
                at % 28 + 1,
                30_000 + at
            )
        };
        let total: usize = (0..invoices).map(|at| 30_000 + at).sum();
        let lines: Vec<String> = (0..invoices).map(line).collect();
        let mut papers = vec![
            (
                "business_licence",
                "name = '江苏澄岳科技有限公司'\nuscc = '91320100MA1ABC1235'\nentity_type = '有限责任公司'\ndomicile = '南京市江宁区苏源大道1号'\nestablished_on = '2010-01-01'".to_owned(),
            ),
            (
                "audit_report",
                format!(
                    "auditee = '江苏澄岳科技有限公司'\nreported_on = '2023-02-10'\nperiod_start = '2020-01-01'\nperiod_end = '2022-12-31'\nopinion = 'unqualified'\ntax_basis = 'excl'\ntotal = '{total}.00'\nequipment = '{total}.00'\n{}",
                    lines.join("\n")
                ),
            ),
        ];
        papers.extend((0..invoices).map(|at| ("vat_invoice", invoice(at))));
        let declaration = format!(
            "category = 'benchmark_factory'\nsubmitted_on = '2023-02-16'\n[applicant]\nname = '江苏澄岳科技有限公司'\nuscc = '91320100MA1ABC1235'\n[project]\nstatus = 'built'\n[benchmark_factory.investment]\ntotal = {{ value = '{total}.00', unit = '元' }}\n"
        );
        let declaration = read(&declaration, Method::Declared)?;
        let mut made = Vec::new();
        for (at, (kind, text)) in papers.into_iter().enumerate() {
            made.push(Paper {
                file: format!("{at}.pdf"),
                document: DocumentId(at.to_string()),
                format: Format::Pdf,
                pages: (1, 1),
                document_type: kind.to_owned(),
                type_confidence: 1.0,
                record: read(&text, Method::Located)?,
                problems: Vec::new(),
                assumed_dpi: false,
                content: Content::default(),
            });
        }
        Ok(Self { declaration, papers: made })
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            declaration: &self.declaration,
            papers: &self.papers,
            today: NaiveDate::default(),
            category: Some("benchmark_factory"),
            elsewhere: &[],
            not_understood: &[],
        }
    }
}

#[expect(clippy::print_stdout, reason = "the result of a bench")]
fn say(text: &str) {
    println!("{text}");
}
