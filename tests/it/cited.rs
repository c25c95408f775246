//! What a report cites is there: the text in each cited box is the text it says stands there, and the value is what
//! that text means.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use chrono::NaiveDate;
use heyan::{
    model::{
        anchor::Anchor,
        case::{CaseFiles, Examination},
        fact::{Fact, FactId},
        finding::Outcome,
        page::{Page, Word},
        value::{Value, date, money},
    },
    pipeline::{Tools, examine},
    recognize,
    rulebook::{embedded, load},
};
use unicode_normalization::UnicodeNormalization;

/// As texts are compared: NFKC, without white space.
fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

fn files(folder: &Path) -> CaseFiles {
    let mut case = CaseFiles {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        declaration: Some((
            "declaration.json".to_owned(),
            fs::read(folder.join("declaration.json")).unwrap().into(),
        )),
        ..CaseFiles::default()
    };
    let mut waiting = vec![folder.join("attachments")];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                case.attachments.insert(name, Arc::from(fs::read(&path).unwrap()));
            }
        }
    }
    case
}

/// The characters of a page whose middles lie in a box, in the order of its words.
fn text_in(page: &Page, bounds: &heyan::model::geometry::Rect) -> String {
    let of_word = |word: &Word| -> String {
        let inside = |(at, c): (usize, char)| {
            let part = word.part(at, at + 1);
            let (x, y) = (part.center_x(), part.center_y());
            (bounds.left - 0.5 <= x
                && x <= bounds.right + 0.5
                && bounds.top - 0.5 <= y
                && y <= bounds.bottom + 0.5)
                .then_some(c)
        };
        word.text.chars().enumerate().filter_map(inside).collect()
    };
    page.words.iter().chain(&page.seals).map(of_word).collect()
}

/// What is wrong with a cited fact; nothing if the text in its boxes is what it says.
fn trouble(fact: &Fact, pages: &[Page]) -> Option<String> {
    let mut seen = String::new();
    for anchor in &fact.evidence.anchors {
        let Anchor::Box { page, bounds } = anchor else { return None };
        let Some(page) = pages.iter().find(|one| one.number == *page) else {
            return Some(format!("there is no page {page}"));
        };
        seen += &text_in(page, bounds);
    }
    let (raw, seen) = (folded(&fact.evidence.raw), folded(&seen));
    if fact.evidence.anchors.is_empty() || raw.is_empty() {
        return None;
    }
    // The boxes of several anchors may stand in another order than the text that was put together of them.
    let sorted = |text: &str| {
        let mut all: Vec<char> = text.chars().collect();
        all.sort_unstable();
        all
    };
    let holds = seen.contains(&raw) || sorted(&seen) == sorted(&raw);
    let means = match fact.value.as_ref()? {
        Value::Money(money) => {
            let figures: String =
                raw.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
            let printed = money::parse_figures(&figures)?;
            // In 元, or in the unit that stands over the table.
            [1, 1_000, 10_000].into_iter().any(|unit| Some(money.yuan) == printed.checked_mul(unit.into()))
        }
        Value::Date(day) => date::parse_day(&raw).is_none_or(|printed| printed == *day),
        Value::Code(code) => raw.to_uppercase().contains(&folded(code)),
        _ => true,
    };
    (!holds || !means).then(|| format!("{:?}: the box says `{seen}`, the report `{raw}`", fact.value))
}

fn wrong(case: &Examination) -> (usize, Vec<String>) {
    let mut facts: BTreeMap<FactId, (&str, &Fact)> = BTreeMap::new();
    let mut own: Vec<(&str, &heyan::model::fact::Record)> = Vec::new();
    own.extend(case.papers.iter().map(|paper| (paper.file.as_str(), &paper.record)));
    for (file, record) in own {
        record.for_each("", &mut |_, fact| {
            facts.insert(fact.id, (file, fact));
        });
    }
    let (mut looked, mut wrong) = (0, Vec::new());
    for finding in case.findings.iter().chain(&case.judgement) {
        assert!(!finding.clause.text.is_empty(), "{} rests on no clause", finding.rule);
        let open = !matches!(finding.outcome, Outcome::Pass | Outcome::NotApplicable);
        if open && !case.judgement.contains(finding) {
            let cites = !finding.evidence.is_empty() || !finding.searched.is_empty();
            assert!(cites, "{} cites nothing", finding.rule);
        }
        let items = finding.explanation.iter().flat_map(|item| &item.evidence);
        for id in finding.evidence.iter().chain(items) {
            let Some((file, fact)) = facts.get(id) else { continue };
            let document = case.documents.iter().find(|document| document.name == *file).unwrap();
            looked += 1;
            wrong.extend(
                trouble(fact, &document.pages)
                    .map(|why| format!("{} {file} {}: {why}", case.name, finding.rule)),
            );
        }
    }
    (looked, wrong)
}

#[test]
fn the_text_in_each_cited_box_is_the_value() {
    let (engines, digital) = if super::cases::models() {
        let (engines, missing) = recognize::open_all(&heyan::cli::models(), 2);
        assert!(missing.is_empty(), "{missing:?}");
        (engines, false)
    } else {
        println!("without a recogniser: pictures are left out");
        (Vec::new(), true)
    };
    let tools = Tools::new(engines, 2).unwrap();
    let pack = load("jiangsu-2023", &embedded("jiangsu-2023").unwrap()).unwrap();
    let today = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
    let (mut looked, mut all) = (0, Vec::new());
    for name in ["cloud-planted", "factory-planted"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name);
        let case = examine(&files(&folder), &pack, &tools, today, &|_| {});
        let (seen, wrong) = wrong(&case);
        looked += seen;
        all.extend(wrong);
    }
    assert!(all.is_empty(), "{} of {looked}:\n{}", all.len(), all.join("\n"));
    assert!(looked > if digital { 50 } else { 200 }, "only {looked} facts are cited");
}
