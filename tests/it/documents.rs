//! Pages as they were read, and sheets, under `fixtures/documents/<type>/`: words with boxes in, facts
//! out.
//!
//! Every `<name>.words` and `<name>.csv` is compared with the `<name>.truth.json` beside it. A field the truth does not
//! name, or names as `null`, must not come out: a value where nothing stands is worse than none.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use heyan::{
    arrange::arrange,
    classify::classify,
    extract::{extract, extract_sheets},
    model::{
        document::{Document, DocumentId, Format},
        fact::{Fact, Record},
        geometry::{Rect, Size},
        limits::Limits,
        page::{Flaws, Origin, Page, TextLayer, Word},
        paper::Paper,
        value::Value,
    },
    read,
    rulebook::types,
};
use serde_json::Value as Json;

/// What an engine is taken to have been sure of.
const SCORE: f32 = 0.95;

#[test]
fn every_page_says_what_its_truth_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents");
    let mut found = Vec::new();
    walk(&root, &mut found);
    assert!(found.len() >= 15, "only {} pages in {}", found.len(), root.display());
    let types = types::embedded().unwrap();
    let mut wrong = Vec::new();
    for file in &found {
        let document = document(file);
        let segments = classify(&document.pages, &types);
        let mut papers: Vec<Paper> =
            segments.iter().map(|segment| extract(&document, segment, &types)).collect();
        papers.extend(extract_sheets(&document, &types));
        let truth: Json =
            serde_json::from_slice(&fs::read(file.with_extension("truth.json")).unwrap()).unwrap();
        let name = file.strip_prefix(&root).unwrap().display();
        let folder = file.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
        let truths = truth["documents"].as_array().cloned().unwrap_or_else(|| vec![truth]);
        if papers.len() != truths.len() {
            wrong.push(format!("{name}: {} documents instead of {}", papers.len(), truths.len()));
        }
        for (paper, truth) in papers.iter().zip(&truths) {
            assert_eq!(truth["document_type"], folder, "{name} lies in another type's folder");
            wrong.extend(differences(paper, truth).iter().map(|line| format!("{name}: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// What the first document says of a changed text of a schedule.
pub(super) fn schedule(change: impl Fn(&str) -> String) -> Record {
    report("schedule-with-a-cut-amount", change)
}

/// What the first document says of a changed text of a report.
pub(super) fn report(name: &str, change: impl Fn(&str) -> String) -> Record {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents/audit_report");
    let types = types::embedded().unwrap();
    let text = fs::read_to_string(root.join(format!("{name}.words"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schedule.words");
    fs::write(&file, change(&text)).unwrap();
    let document = document(&file);
    extract(&document, &classify(&document.pages, &types)[0], &types).record
}

#[test]
fn an_amount_is_all_the_figures_that_stand_together() {
    let (unreadable, mended) = (("", Some("unreadable")), Some("separators-unclear"));
    // What is printed, and what it is in a picture and in a text layer.
    let table = [
        ("528,840.41", ("528840.41", None), ("528840.41", None)),
        ("1, 528, 840.41", ("1528840.41", None), ("1528840.41", None)),
        ("-528,840.41", ("-528840.41", None), ("-528840.41", None)),
        ("(528,840.41)", ("-528840.41", None), ("-528840.41", None)),
        // A recogniser mixes up points and commas of small print, or overlooks one; the figures are all there,
        // or two amounts were read as one.
        ("528.840.41", ("528840.41", mended), unreadable),
        ("1.528.840.41", ("1528840.41", mended), unreadable),
        ("1528,840.41", ("1528840.41", mended), unreadable),
        ("1,528840.41", ("1528840.41", mended), unreadable),
        // A head is lost, or a figure taken for a letter.
        ("028,840.41", unreadable, unreadable),
        ("I528,840.41", unreadable, unreadable),
        // Behind a comma a figure may be lost; a group may be lost before it, or a figure in it.
        ("528,840,41", unreadable, unreadable),
        (",840.41", unreadable, unreadable),
        ("528,84.41", unreadable, unreadable),
        ("528.8404.1", unreadable, unreadable),
        ("30%", unreadable, unreadable),
        ("2021.06.08", unreadable, unreadable),
    ];
    for (printed, in_picture, in_text) in table {
        for (origin, wanted) in [("origin ppocr", in_picture), ("origin text", in_text)] {
            // Without a net amount nothing vouches for it.
            let change = |text: &str| text.replace("528,840.41", printed).replace("468,000.36", "");
            let record = schedule(|text| change(text).replace("origin ppocr", origin));
            let fact = &record.rows["items"][0].fields["gross"];
            let value = match &fact.value {
                Some(Value::Money(money)) => money.wire(),
                _ => String::new(),
            };
            assert_eq!((value.as_str(), fact.problem), wanted, "{printed}, {origin}");
        }
    }
    // Arithmetic that fits makes good what was unclear.
    let record = schedule(|text| text.replace("528,840.41", "528.840.41"));
    assert_eq!(record.rows["items"][0].fields["gross"].problem, None);
}

#[test]
fn a_line_whose_key_is_hidden_stays_a_line_of_its_own() {
    for hidden in ["", "468", "苏", "468.0", ",000.36"] {
        let record = schedule(|text| text.replace("468,000.36", hidden));
        let lines = &record.rows["items"];
        let gross: Vec<&Option<Value>> = lines.iter().map(|line| &line.fields["gross"].value).collect();
        assert_eq!(gross.len(), 3, "{hidden}: {gross:?}");
        let is =
            |at: usize, yuan: &str| matches!(gross[at], Some(Value::Money(money)) if money.wire() == yuan);
        assert!(is(0, "528840.41") && is(2, "97520.19"), "{hidden}: {gross:?}");
        // It has no net amount, or none that anybody could take for one.
        let net = lines[0].fields.get("net");
        assert!(net.is_none_or(|net| net.value.is_none() || net.problem.is_some()), "{hidden}: {net:?}");
    }
}

#[test]
fn lines_of_a_schedule_vouch_for_what_fits() {
    let vouched = |change: &dyn Fn(&str) -> String| -> Vec<String> {
        let mut paths = Vec::new();
        schedule(change).for_each("", &mut |path, fact| {
            if path.starts_with("items") && fact.evidence.readings.iter().any(|one| one.by == "arithmetic") {
                assert!(fact.evidence.confidence >= 0.99 && fact.problem.is_none(), "{path}: {fact:?}");
                paths.push(path);
            }
        });
        paths
    };
    let nets = ["items[0].net", "items[1].net", "items[2].net"];
    let taxed = ["items[0].gross", "items[0].net", "items[1].net", "items[2].gross", "items[2].net"];
    assert_eq!(vouched(&str::to_owned), taxed, "net and gross are a rate apart, and the nets are the total");
    // A figure of one gross amount misread, and one of a net amount.
    assert_eq!(
        vouched(&|text| text.replace("528,840.41", "523,840.41").replace("97,520.19", "97,620.19")),
        nets
    );
    assert_eq!(vouched(&|text| text.replace("468,000.36", "463,000.36")), ["items[2].gross", "items[2].net"]);
    // A group of figures lost in both.
    let cut = |text: &str| text.replace("468,000.36", "000.36").replace("528,840.41", "840.41");
    assert_eq!(vouched(&cut), ["items[2].gross", "items[2].net"]);
}

#[test]
fn a_line_that_no_rate_brings_together_is_said() {
    type Misread = &'static [(&'static str, &'static str)];
    // What is misread, and what is said of it then: the nets add up to the total, or they do not.
    let table: [(Misread, &[&str]); 4] = [
        (&[], &[]),
        (&[("528,840.41", "523,840.41")], &["items[0].gross"]),
        (&[("468,000.36", "463,000.36")], &["items[0].gross", "items[0].net"]),
        // Where as many fit as do not, there may be no tax in it.
        (&[("528,840.41", "523,840.41"), ("97,520.19", "97,620.19")], &[]),
    ];
    for (misread, wanted) in table {
        for (origin, wanted) in [("origin text", &[][..]), ("origin ppocr", wanted)] {
            let record = schedule(|text| {
                let whole = text.replace("1,452,615", "1,452,615.81").replace("origin ppocr", origin);
                misread.iter().fold(whole, |text, (from, to)| text.replace(from, to))
            });
            let (_, problems) = flat(&record);
            let unfit = problems.iter().filter(|(_, said)| *said == "figures-do-not-fit");
            let unfit: Vec<&str> = unfit.map(|(path, _)| path.as_str()).collect();
            assert_eq!(unfit, wanted, "{misread:?}");
        }
    }
}

#[test]
fn sheets_under_one_glass_are_documents_of_their_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents");
    let types = types::embedded().unwrap();
    let sheet = |name: &str| document(&root.join(format!("{name}.words"))).pages.remove(0);
    let licence = "business_licence/name-beside-capital";
    let certificate = "iiims_certificate/grade-and-dates";
    let receipt = "bank_receipt/side-by-side";
    // Sheets from left to right, and how far the second lies to the right and below.
    for (names, beside) in
        [([licence, certificate], true), ([certificate, licence], false), ([receipt, licence], true)]
    {
        let [mut one, two] = names.map(sheet);
        let (right, down) = if beside { (one.size.width + 20.0, 0.0) } else { (0.0, one.size.height + 20.0) };
        one.words.extend(two.words.into_iter().map(|word| Word {
            bounds: Rect::new(
                word.bounds.left + right,
                word.bounds.top + down,
                word.bounds.right + right,
                word.bounds.bottom + down,
            ),
            edges: word.edges.iter().map(|edge| edge + right).collect(),
            ..word
        }));
        one.size = Size {
            width: one.size.width.max(right + two.size.width),
            height: one.size.height.max(down + two.size.height),
        };
        one.layer = TextLayer::None;
        arrange(&mut one);
        let told = |page: &Page| -> Vec<String> {
            classify(std::slice::from_ref(page), &types).into_iter().map(|one| one.document_type).collect()
        };
        let wanted: Vec<&str> = names.iter().filter_map(|name| name.split('/').next()).collect();
        assert_eq!(told(&one), wanted, "{names:?}");
        // What is printed on one page is one document, however it is laid out.
        one.layer = TextLayer::Trusted;
        assert_eq!(told(&one).len(), 1, "{names:?} in print");
    }
}

/// Every value by its path, and every problem.
fn flat(record: &Record) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut values, mut problems) = (BTreeMap::new(), BTreeMap::new());
    record.for_each("", &mut |path, fact| {
        if let Some(value) = &fact.value {
            values.insert(path.clone(), value.wire());
        }
        // What is there and was not read is told from what is not there by its problem.
        let unread = fact.value.is_none().then_some("unread without a problem");
        if let Some(problem) = fact.problem.or(unread) {
            problems.insert(path, problem.to_owned());
        }
    });
    (values, problems)
}

/// The truth in the same shape.
fn wanted(truth: &Json) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    fn texts<'j>(json: &'j Json, prefix: &'j str) -> impl Iterator<Item = (String, String)> + 'j {
        json.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).map(
            move |(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (format!("{prefix}{name}"), text)
            },
        )
    }
    let mut values: BTreeMap<String, String> = texts(&truth["fields"], "").collect();
    for (list, rows) in truth["rows"].as_object().into_iter().flatten() {
        for (at, row) in rows.as_array().into_iter().flatten().enumerate() {
            values.extend(texts(row, &format!("{list}[{at}].")));
        }
    }
    (values, texts(&truth["problems"], "").collect())
}

fn differences(paper: &Paper, truth: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    if truth["document_type"] != paper.document_type {
        lines.push(format!("is a {}, wanted {}", paper.document_type, truth["document_type"]));
    }
    let (values, problems) = flat(&paper.record);
    let (wanted, wanted_problems) = wanted(truth);
    compare("", &values, &wanted, &mut lines);
    compare("problem of ", &problems, &wanted_problems, &mut lines);
    // What was found and might be another's, where the truth says so.
    let is_open = |fact: &Fact| fact.value.is_some() && !fact.evidence.clear;
    let open = paper.record.fields.iter().filter(|(_, fact)| is_open(fact)).map(|(name, _)| name.as_str());
    if let Some(wanted) = truth["open"].as_array() {
        let (open, wanted): (Vec<&str>, Vec<_>) =
            (open.collect(), wanted.iter().filter_map(Json::as_str).collect());
        if open != wanted {
            lines.push(format!("open are {open:?}, wanted {wanted:?}"));
        }
    }
    // What does not foot, and on which page; nothing does where the truth is silent.
    let unfooted = paper.problems.iter().filter(|problem| problem.code == "table-does-not-foot");
    let unfooted: Vec<u64> = unfooted.map(|problem| problem.page.unwrap_or_default().into()).collect();
    let unfooted_wanted = truth["unfooted"].as_array().into_iter().flatten().filter_map(Json::as_u64);
    if unfooted != unfooted_wanted.collect::<Vec<_>>() {
        lines.push(format!("on these pages something does not foot: {unfooted:?}"));
    }
    paper.record.for_each("", &mut |path, fact| {
        if fact.evidence.anchors.is_empty() {
            lines.push(format!("{path} has no place"));
        }
    });
    lines
}

fn compare(
    what: &str,
    found: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
    lines: &mut Vec<String>,
) {
    let mut names: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (has, wants) = (found.get(name), wanted.get(name));
        if has != wants {
            let said = |text: Option<&String>| text.map_or("nothing", |text| text.as_str()).to_owned();
            lines.push(format!("{what}{name}: found {}, wanted {}", said(has), said(wants)));
        }
    }
}

/// A `.words` file as a document of arranged pages; another file as its reader reads it.
fn document(file: &Path) -> Document {
    if file.extension().is_some_and(|ending| ending != "words") {
        let name = file.file_name().unwrap().to_str().unwrap();
        return read::read(name, fs::read(file).unwrap().into(), &Limits::default());
    }
    let (mut pages, mut origin) = (Vec::new(), None);
    for (at, line) in (1..).zip(fs::read_to_string(file).unwrap().lines()) {
        let understood = read_line(line, &mut origin, &mut pages);
        assert!(understood.is_some(), "{}:{at}: `{line}` is no line of a page", file.display());
    }
    pages.iter_mut().for_each(arrange);
    Document {
        id: DocumentId::default(),
        name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        format: Format::Pdf,
        pages,
        ..Document::default()
    }
}

/// One line: what it shows, where words come from, a page, a ruling, what is written round a seal, a word.
fn read_line(line: &str, origin: &mut Option<Origin>, pages: &mut Vec<Page>) -> Option<()> {
    let (head, rest) = line.split_once(' ')?;
    match head {
        "#" => {}
        "origin" => *origin = Some(origin_named(rest)?),
        "page" => {
            let (width, height) = rest.split_once(' ')?;
            let printed = matches!((*origin)?, Origin::Printed);
            pages.push(Page {
                number: u32::try_from(pages.len() + 1).ok()?,
                size: Size { width: width.parse().ok()?, height: height.parse().ok()? },
                layer: if printed { TextLayer::Trusted } else { TextLayer::None },
                ..Page::default()
            });
        }
        "ruling" => pages.last_mut()?.strokes.push(boxed(rest)?.0),
        "seal" => pages.last_mut()?.seals.push(word(rest, (*origin)?)?),
        _ => pages.last_mut()?.words.push(word(line, (*origin)?)?),
    }
    Some(())
}

fn word(line: &str, origin: Origin) -> Option<Word> {
    let (bounds, text) = boxed(line)?;
    Some(Word { text: text.to_owned(), bounds, edges: Vec::new(), origin })
}

fn origin_named(name: &str) -> Option<Origin> {
    let recognized = |flaws| Some(Origin::Recognized { engine: "ppocr", score: SCORE, flaws });
    match name {
        "text" => Some(Origin::Printed),
        "ppocr" => recognized(Flaws::default()),
        "ppocr touched" => recognized(Flaws { touched: true, ..Flaws::default() }),
        _ => None,
    }
}

/// `[left top right bottom] rest`
fn boxed(line: &str) -> Option<(Rect, &str)> {
    let (edges, rest) = line.strip_prefix('[')?.split_once(']')?;
    let edges: Vec<f64> = edges.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [left, top, right, bottom] = edges[..] else { return None };
    (left < right && top < bottom).then(|| (Rect::new(left, top, right, bottom), rest.trim_start()))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "words" || ending == "csv") {
            found.push(path);
        }
    }
}
