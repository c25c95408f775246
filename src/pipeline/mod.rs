//! One case from bytes to examination. Only this module knows the order of the stages, and only it
//! spreads work over threads.

mod file;
mod kept;
mod recognition;
mod second_opinion;
mod unchecked;

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use chrono::NaiveDate;
use rayon::prelude::*;

use self::file::File;
use crate::{
    authenticate::{self, Trust},
    check, classify,
    contain::{Here, Opener},
    extract,
    lists::Lists,
    model::{
        case::{CaseFiles, Examination, MadeWith},
        document::Document,
        fact::{FactId, Record},
        finding::Outcome,
        limits::Limits,
        page::{Page, TextLayer},
        paper::Paper,
        problem::Problem,
    },
    recognize::Engine,
    rulebook::{Confidence, packs::Pack, types::DocumentType},
};

pub use self::kept::{Key, Shelf, key, may_pass};

/// Everything an examination needs beside the case; made once and shared.
pub struct Tools {
    /// Engines that read pictures, the one that reads pages first; may be empty.
    pub engines: Vec<Box<dyn Engine>>,
    /// What opens files: in this process, or apart.
    pub opener: Box<dyn Opener>,
    /// The document types.
    pub types: Vec<DocumentType>,
    /// How sure a value is by what speaks for it.
    pub confidence: Confidence,
    /// Bounds for input.
    pub limits: Limits,
    /// Whose signatures are trusted; nobody's by themselves.
    pub trust: Trust,
    /// Lists of authorities that cases are held against.
    pub lists: Lists,
    /// Where readings are kept; `None` where everything is read anew.
    pub shelf: Option<Box<dyn Shelf>>,
    /// The threads that work is spread over.
    pub threads: rayon::ThreadPool,
}

/// Why the tools could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ToolsError {
    /// A document type's file is not as it should be.
    #[error(transparent)]
    Types(#[from] crate::rulebook::types::TypeError),
    /// The table of confidences is not as it should be.
    #[error(transparent)]
    Confidence(#[from] crate::rulebook::confidence::ConfidenceError),
    /// The system gave no threads.
    #[error("no threads to work with: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl Tools {
    /// Tools with the built-in document types and so many threads, which open files in this process.
    ///
    /// # Errors
    ///
    /// Where a document type is broken or the system gives no threads.
    pub fn new(engines: Vec<Box<dyn Engine>>, jobs: usize) -> Result<Self, ToolsError> {
        Ok(Self {
            engines,
            opener: Box::new(Here),
            types: crate::rulebook::types::embedded()?,
            confidence: Confidence::embedded()?,
            limits: Limits::default(),
            trust: Trust::default(),
            lists: Lists::default(),
            shelf: None,
            threads: rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).build()?,
        })
    }
}

/// A step of the work that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'s> {
    /// A file was read; one whose reading is found on the shelf is not.
    Read {
        /// The file's name.
        file: &'s str,
        /// Pages and sheets in it and in what lies in it.
        pages: usize,
    },
    /// So many pages are recognised of all that have to be.
    Recognised {
        /// Pages that are done.
        done: usize,
        /// All pages.
        of: usize,
        /// Whether the last of them was recognised now, and not found on the shelf.
        anew: bool,
    },
}

/// Called when a step of the work is done.
pub type Progress<'a> = &'a (dyn Fn(Step) + Sync);

/// What was read and understood of a set of files.
#[derive(Debug, Default)]
pub struct Understood {
    /// The files, parts of archives behind their archive.
    pub documents: Vec<Document>,
    /// The documents found in them.
    pub papers: Vec<Paper>,
}

/// Reads files and everything inside them, without giving them meaning. Answers in the order given.
#[must_use]
pub fn open(files: &BTreeMap<String, Arc<[u8]>>, tools: &Tools, progress: Progress) -> Vec<Document> {
    let mut documents = opened(files, tools, progress);
    recognition::lay_back(&mut documents, &mut []);
    documents
}

/// The same with pages still as flat as they were laid to be read.
fn opened(files: &BTreeMap<String, Arc<[u8]>>, tools: &Tools, progress: Progress) -> Vec<Document> {
    tools.threads.install(|| {
        let made_with = kept::made_with(tools);
        let opened: Vec<File> = files
            .par_iter()
            .map(|(name, bytes)| File::open(name, bytes, tools, &made_with, progress))
            .collect();
        recognition::recognize(&opened, tools, progress);
        opened.into_iter().flat_map(File::into_documents).collect()
    })
}

/// Reads files and what they say.
#[must_use]
pub fn understand(files: &BTreeMap<String, Arc<[u8]>>, tools: &Tools, progress: Progress) -> Understood {
    understood(files, None, tools, progress)
}

/// Reads a form that was filled in, and what else lies in its file: what it declares, and all that was read.
#[must_use]
pub fn declared(name: &str, bytes: &Arc<[u8]>, tools: &Tools, progress: Progress) -> (Record, Understood) {
    let files = BTreeMap::from([(name.to_owned(), Arc::clone(bytes))]);
    let understood = understood(&files, Some(name), tools, progress);
    let forms = forms(&understood.papers, &tools.types);
    (extract::declaration::from_form(&forms, &[]), understood)
}

/// The papers that are forms.
fn forms<'p>(papers: &'p [Paper], types: &[DocumentType]) -> Vec<&'p Paper> {
    let is_form = |paper: &&Paper| types.iter().any(|kind| kind.form && kind.id == paper.document_type);
    papers.iter().filter(is_form).collect()
}

/// The same, where one of the files was handed in as the declaration.
fn understood(
    files: &BTreeMap<String, Arc<[u8]>>,
    declaration: Option<&str>,
    tools: &Tools,
    progress: Progress,
) -> Understood {
    let mut documents = opened(files, tools, progress);
    tools.threads.install(|| {
        let found: Vec<Vec<Paper>> = documents
            .par_iter()
            .map(|document| {
                let segments = classify::classify(&document.pages, &tools.types);
                if declaration == Some(document.name.as_str()) {
                    return extract::handed_in(document, &segments, &tools.types);
                }
                let mut papers = extract::papers(document, &segments, &tools.types);
                papers.extend(extract::extract_sheets(document, &tools.types));
                papers
            })
            .collect();
        let owners: Vec<usize> =
            found.iter().enumerate().flat_map(|(at, papers)| iter::repeat_n(at, papers.len())).collect();
        let mut papers: Vec<Paper> = found.into_iter().flatten().collect();
        second_opinion::compare(&mut papers, &documents, tools);
        papers.iter_mut().for_each(|paper| settle(paper, &tools.confidence));
        recognition::lay_back(&mut documents, &mut papers);
        // Signatures stand where the page lies.
        papers.iter_mut().zip(owners).for_each(|(paper, at)| authenticate::attest(paper, &documents[at]));
        Understood { documents, papers }
    })
}

/// How sure what was read in pictures is, now that all who have an opinion have given it, and which values
/// need nobody's look.
fn settle(paper: &mut Paper, confidence: &Confidence) {
    paper.record.for_each_mut(&mut |fact| {
        if let Some(sure) = confidence.of(fact) {
            fact.evidence.confidence = sure;
        }
        fact.evidence.accepted = confidence.accepts(fact);
    });
}

/// Examines a case. There always is an examination: what cannot be read becomes a problem, and what
/// hangs on it stays open. Where the program itself fails on a case, that is a problem of this case
/// alone, and a person has to look at it.
#[must_use]
pub fn examine(
    case: &CaseFiles,
    pack: &Pack,
    tools: &Tools,
    today: NaiveDate,
    progress: Progress,
) -> Examination {
    catch_unwind(AssertUnwindSafe(|| examined(case, pack, tools, today, progress)))
        .unwrap_or_else(|_| crashed(case, pack, tools, today))
}

/// By what lines of lists concern a case: its applicant's names and code, and its city.
fn named(declaration: &Record) -> Vec<String> {
    let applicant = declaration.groups.get("applicant");
    let own = ["name", "uscc"].into_iter().filter_map(|field| applicant?.text(field));
    let former = applicant.and_then(|own| own.rows.get("former_names")).into_iter().flatten();
    let former = former.filter_map(|row| row.text("value"));
    own.chain(former).chain(declaration.text("city")).map(str::to_owned).collect()
}

fn crashed(case: &CaseFiles, pack: &Pack, tools: &Tools, today: NaiveDate) -> Examination {
    let mut problems = case.problems.clone();
    problems.push(Problem::new(
        "case-crashed",
        "核验此申报时程序内部出错，没有得出任何结论；请人工核验，并告知维护人员",
        "the program failed on this case and came to no conclusion; examine it by hand, and tell the maintainers",
    ));
    Examination {
        id: case.name.clone(),
        name: case.name.clone(),
        applicant_name: None,
        applicant_uscc: None,
        category: None,
        made_with: made_with(pack, tools, today),
        outcome: Outcome::ManualReview,
        findings: Vec::new(),
        judgement: Vec::new(),
        declaration: Record::default(),
        declared_in: None,
        papers: Vec::new(),
        documents: Vec::new(),
        sums: Vec::new(),
        totals: BTreeMap::new(),
        problems,
        uses: Vec::new(),
        reasons: pack.reasons.clone(),
        not_checked: unchecked::not_checked(tools, pack, today),
    }
}

fn made_with(pack: &Pack, tools: &Tools, today: NaiveDate) -> MadeWith {
    MadeWith {
        heyan: env!("CARGO_PKG_VERSION").to_owned(),
        pack: pack.id.clone(),
        pack_version: pack.version.clone(),
        today: today.to_string(),
        engines: tools.engines.iter().map(|e| (e.name().to_owned(), e.version())).collect(),
    }
}

fn examined(
    case: &CaseFiles,
    pack: &Pack,
    tools: &Tools,
    today: NaiveDate,
    progress: Progress,
) -> Examination {
    let mut problems = case.problems.clone();
    let (written, form) = match &case.declaration {
        Some((name, bytes)) if is_written(name) => (Some((name, bytes)), None),
        form => (None, form.as_ref()),
    };
    let mut files = case.attachments.clone();
    files.extend(form.cloned());
    let form = form.map(|(name, _)| name.as_str());
    let Understood { mut documents, mut papers } = understood(&files, form, tools, progress);
    let (mut declaration, declared_in) = match written {
        Some((name, bytes)) => {
            let (record, found) = extract::declaration::declaration(name, bytes, &pack.keys);
            problems.extend(found);
            (record, None)
        }
        None => by_form(form, &papers, pack, tools, &mut problems),
    };
    if case.attachments.is_empty() {
        problems.push(Problem::new(
            "attachments-missing",
            "没有任何附件；附件应放在 attachments 文件夹中",
            "there is no attachment; attachments belong into the folder attachments",
        ));
    }
    papers.extend(tools.lists.papers(&named(&declaration)));
    number(&mut declaration, &mut papers);
    for document in &mut documents {
        problems.append(&mut document.problems);
    }
    for paper in &papers {
        problems.extend(paper.problems.iter().cloned());
    }
    let text = |path: &[&str]| -> Option<String> {
        let (field, groups) = path.split_last()?;
        let mut record = &declaration;
        for group in groups {
            record = record.groups.get(*group)?;
        }
        record.text(field).map(str::to_owned)
    };
    let category = text(&["category"]);
    let not_understood = not_understood(&documents, &papers);
    let facts = check::Facts {
        declaration: &declaration,
        papers: &papers,
        today,
        category: category.as_deref(),
        elsewhere: &case.elsewhere,
        not_understood: &not_understood,
    };
    let checked = check::check(&facts, pack);
    let outcome = unreadable(checked.outcome, &problems);
    let uses = check::uses(&facts, pack, &case.name);
    let not_checked = unchecked::not_checked(tools, pack, today);
    unchecked::only_cited(&mut papers, &checked);
    Examination {
        id: text(&["case_id"]).filter(|id| !id.trim().is_empty()).unwrap_or_else(|| case.name.clone()),
        name: case.name.clone(),
        applicant_name: text(&["applicant", "name"]),
        applicant_uscc: text(&["applicant", "uscc"]),
        category,
        made_with: made_with(pack, tools, today),
        outcome,
        findings: checked.findings,
        judgement: checked.judgement,
        declaration,
        declared_in,
        papers,
        documents,
        sums: checked.sums,
        totals: checked.totals,
        problems,
        uses,
        reasons: pack.reasons.clone(),
        not_checked,
    }
}

/// Whether a declaration is written as data, and not a form that was filled in.
fn is_written(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// What the form declares that was handed in as the declaration or, where none was, the one that lies among
/// the attachments; and which paper it is.
fn by_form(
    handed_in: Option<&str>,
    papers: &[Paper],
    pack: &Pack,
    tools: &Tools,
    problems: &mut Vec<Problem>,
) -> (Record, Option<usize>) {
    let mut forms = forms(papers, &tools.types);
    forms.retain(|paper| handed_in.is_none_or(|file| paper.file == file));
    let missing = || {
        Problem::new(
            "declaration-missing",
            "没有申报数据（declaration.json、按模板填写的 declaration.xlsx，或 docx、pdf 格式的申报书），只能按附件本身核验",
            "there is no declaration (declaration.json, the template as declaration.xlsx, or the form as docx or pdf); only the evidence itself can be checked",
        )
    };
    let unread = |file: &str| {
        Problem::new(
            "declaration-unread",
            "申报书中没有读出任何填写内容；请使用模板，或提交 declaration.json",
            "nothing was read from the form; use the template, or hand in a declaration.json",
        )
        .at(file)
    };
    let Some(file) = forms.first().map(|paper| paper.file.as_str()) else {
        problems.push(handed_in.map_or_else(missing, unread));
        return (Record::default(), None);
    };
    if forms.iter().any(|paper| paper.file != file) {
        let files: BTreeSet<&str> = forms.iter().map(|paper| paper.file.as_str()).collect();
        let files = files.into_iter().collect::<Vec<_>>().join(", ");
        problems.push(Problem::new(
            "several-declarations",
            format!("有多份申报书（{files}），无法判断以哪份为准，均未采用；请只保留一份，或命名为 declaration.docx / declaration.pdf"),
            format!("there are several forms ({files}), and none was used, since it cannot be told which counts; leave one, or call it declaration.docx or declaration.pdf"),
        ));
        return (Record::default(), None);
    }
    let record = extract::declaration::from_form(&forms, &pack.keys);
    if record == Record::default() {
        problems.push(unread(file));
    }
    let declared_in = papers.iter().position(|paper| std::ptr::eq(paper, forms[0]));
    (record, declared_in)
}

/// The files of which nothing is known: those in which nothing was read, and pictures and scans that
/// were recognised as no document. What has a text layer or cells and is of no known type was read.
fn not_understood(documents: &[Document], papers: &[Paper]) -> Vec<String> {
    let is_unread = |document: &&Document| {
        let other = papers.iter().any(|paper| {
            let of_paper = |page: &&Page| paper.pages.0 <= page.number && page.number <= paper.pages.1;
            paper.file == document.name
                && paper.document_type == "other"
                && document.pages.iter().filter(of_paper).any(|page| page.layer != TextLayer::Trusted)
        });
        let told = papers.iter().any(|paper| paper.file == document.name && paper.document_type != "other");
        let empty =
            document.pages.iter().all(|page| page.words.is_empty()) && document.sheets.is_empty() && !told;
        !document.format.is_archive() && (empty || other)
    };
    documents.iter().filter(is_unread).map(|document| document.name.clone()).collect()
}

/// A case of which something could not be opened is not all fine, whatever its rules say.
fn unreadable(outcome: Outcome, problems: &[Problem]) -> Outcome {
    const MISSING: &[&str] = &[
        "declaration-missing",
        "declaration-not-json",
        "declaration-not-an-object",
        "declaration-unread",
        "attachments-missing",
    ];
    // Rules that need the field say so themselves; a key nobody asks for changes nothing.
    const SAID_ELSEWHERE: &[&str] = &["field-not-found", "declaration-unknown-key"];
    let least = |problem: &Problem| match problem.code {
        code if MISSING.contains(&code) => Outcome::MissingEvidence,
        code if SAID_ELSEWHERE.contains(&code) => Outcome::Pass,
        _ => Outcome::ManualReview,
    };
    problems.iter().map(least).fold(outcome, Outcome::max)
}

/// Numbers all facts, the declaration's first, then the documents' in order.
fn number(declaration: &mut Record, papers: &mut [Paper]) {
    let mut next = 1;
    let mut give = |fact: &mut crate::model::fact::Fact| {
        fact.id = FactId(next);
        next += 1;
    };
    declaration.for_each_mut(&mut give);
    for paper in papers {
        paper.record.for_each_mut(&mut give);
    }
}
