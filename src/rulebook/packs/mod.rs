//! Packs: the rules of one call, with its constants, tiers, lists, words and tests.

mod clauses;
mod constants;
mod costs;
mod place;
mod rules;
mod tiers;
mod unused;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::model::{
    finding::{Clause, Message, Outcome},
    value::{Period, Value},
};

use super::{
    declared::{Key, Shape},
    error::PackError,
    expr::{Expr, Scope, closest},
    functions::COMPUTED,
    limits::{
        ASIDES, CLAUSES, CONSTANTS, COSTS, FIELDS, FILE, MISTAKES, REASONS, RULES, TESTS, TIERS, TOTALS,
    },
    rule::Rule,
    written::{PackFile, RulesFile, TestsFile},
};
use place::Place;

pub use costs::Cost;
pub use tiers::{Bound, Row, Tiers};

/// A pack, checked and compiled.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Identifier, the name of its folder.
    pub id: String,
    /// Version, printed on every report.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// The day the call was issued.
    pub issued_on: NaiveDate,
    /// The days on which the call is in force.
    pub in_force: Period,
    /// Categories a case can have.
    pub categories: Vec<String>,
    /// Dates, amounts and periods that rules call `config.…`.
    pub config: BTreeMap<String, Value>,
    /// Keys of the declaration that only this call has.
    pub keys: Vec<Key>,
    /// Document types with the fields rules may read.
    pub subjects: BTreeMap<String, Vec<String>>,
    /// Cities and counties of the province.
    pub counties: Vec<(String, String)>,
    /// What depends on where a value lies.
    pub tiers: Vec<Tiers>,
    /// Kinds of costs, in the order in which they are shown.
    pub costs: Vec<Cost>,
    /// What reasons and notes mean that only this call has.
    pub reasons: BTreeMap<String, Message>,
    /// The call's own words, by its own numbers.
    pub clauses: Vec<Clause>,
    /// Parts of clauses that no rule looks at, and why.
    pub asides: Vec<Aside>,
    /// Words that join parts of a clause and ask for nothing by themselves.
    pub joining: Vec<String>,
    /// What nothing in the program checks, as every report says.
    pub not_checked: Vec<Unchecked>,
    /// What names a document beyond its own case; of several for a type, the first that was read.
    pub identities: Vec<Identity>,
    /// Rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// Sums worth showing.
    pub totals: Vec<(String, Expr)>,
    /// Its own tests.
    pub tests: Vec<Test>,
    /// What can be worked with and is to be mended all the same.
    pub lints: Vec<PackError>,
}

/// A part of a clause that no rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The clause, with the part.
    pub clause: Clause,
    /// Why no rule does.
    pub why: Message,
}

/// What nothing in the program checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// Only where the operator has no list of this kind; always where there is none here.
    pub without: Option<String>,
    /// In words.
    pub said: Message,
}

/// What names a document of a type, or a declaration, beyond its own case: two with the same values are
/// one document, whoever hands them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The type, or `declaration`.
    pub of: String,
    /// Under what rules ask for it: the type, or a name of its own for what several may share besides.
    pub kind: String,
    /// The fields whose values name it, groups before dots; none where only its likeness does.
    pub by: Vec<String>,
    /// Whether what its pages look like and say names it as well.
    pub alike: bool,
    /// How many characters each of the values must have.
    pub length: Option<usize>,
    /// The fields by which a copy is told from another document of the same name.
    pub shows: Vec<String>,
}

/// A test of one rule.
#[derive(Clone, Debug)]
pub struct Test {
    /// The rule.
    pub rule: String,
    /// What it shows.
    pub name: String,
    /// How the rule has to end.
    pub expect: Outcome,
    /// A reason that has to be among the reasons.
    pub reason: Option<String>,
    /// Notes that have to be among the notes.
    pub notes: Vec<String>,
    /// All items that have to be set apart, in order, each `kind amount`.
    pub explanation: Option<Vec<String>>,
    /// Constants that the test sets otherwise.
    pub config: BTreeMap<String, Value>,
    /// The declaration, as in the schema.
    pub declaration: toml::Table,
    /// Documents: `type`, fields and lists.
    pub papers: Vec<toml::Table>,
    /// Names of files in which nothing was understood.
    pub not_understood: Vec<String>,
    /// Documents of other applications: `type`, `application`, `applicant`, `uscc`, and fields.
    pub elsewhere: Vec<toml::Table>,
}

/// The files every pack has.
pub const FILES: &[&str] = &["pack.toml", "rules.toml", "tests.toml"];

/// The packs that are part of the program, with the texts of their files.
const EMBEDDED: &[(&str, &[(&str, &str)])] = &[
    (
        "equipment-subsidy-2024",
        &[
            ("pack.toml", include_str!("../../../rules/packs/equipment-subsidy-2024/pack.toml")),
            ("rules.toml", include_str!("../../../rules/packs/equipment-subsidy-2024/rules.toml")),
            ("tests.toml", include_str!("../../../rules/packs/equipment-subsidy-2024/tests.toml")),
        ],
    ),
    (
        "jiangsu-2023",
        &[
            ("pack.toml", include_str!("../../../rules/packs/jiangsu-2023/pack.toml")),
            ("rules.toml", include_str!("../../../rules/packs/jiangsu-2023/rules.toml")),
            ("tests.toml", include_str!("../../../rules/packs/jiangsu-2023/tests.toml")),
            ("lists/jiangsu_counties.csv", include_str!("../../../rules/lists/jiangsu_counties.csv")),
        ],
    ),
];

/// The names of the packs that are part of the program.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(id, _)| *id)
}

/// The texts of a pack that is part of the program.
#[must_use]
pub fn embedded(id: &str) -> Option<BTreeMap<String, String>> {
    let (_, files) = EMBEDDED.iter().find(|(own, _)| *own == id)?;
    Some(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// The lists that are part of the program, by path.
#[must_use]
pub fn lists() -> BTreeMap<String, String> {
    let all = EMBEDDED.iter().flat_map(|(_, files)| files.iter());
    let lists = all.filter(|(name, _)| name.starts_with("lists/"));
    lists.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// What a pack calls itself, by its `pack.toml`, where that can be told.
#[must_use]
pub fn called(text: &str) -> Option<String> {
    let table: toml::Table = Some(text).filter(|text| text.len() <= FILE.most)?.parse().ok()?;
    table.get("id")?.as_str().map(str::to_owned)
}

/// Reads a pack from the texts of its files.
///
/// # Errors
///
/// The mistakes found, each with file, line and column; of very many, the first.
pub fn load(id: &str, files: &BTreeMap<String, String>) -> Result<Pack, Vec<PackError>> {
    let text = |name: &str| files.get(name).map_or("", String::as_str);
    let mut errors = Vec::new();
    for name in &FILES[..2] {
        if !files.contains_key(*name) {
            errors.push(PackError::at(name, "", 0, format!("pack `{id}` has no {name}")));
        }
    }
    for (name, text) in files.iter().filter(|(_, text)| text.len() > FILE.most) {
        errors.push(PackError::at(name, "", 0, FILE.said(text.len())));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let written = parse::<PackFile>("pack.toml", text("pack.toml"), &mut errors);
    let rules = parse::<RulesFile>("rules.toml", text("rules.toml"), &mut errors);
    let tests = parse::<TestsFile>("tests.toml", text("tests.toml"), &mut errors);
    let (Some(written), Some(rules), Some(tests)) = (written, rules, tests) else { return Err(errors) };
    let fields = written.declaration.fields.len()
        + written.declaration.keys.len()
        + written.documents.values().map(|fields| fields.len() + 1).sum::<usize>();
    for (file, bound, found) in [
        ("rules.toml", RULES, rules.rule.len()),
        ("tests.toml", TESTS, tests.test.len()),
        ("pack.toml", CLAUSES, written.clause.len()),
        ("pack.toml", ASIDES, written.aside.len()),
        ("pack.toml", TIERS, written.tier.len()),
        ("pack.toml", COSTS, written.cost.len()),
        ("pack.toml", REASONS, written.reasons.len()),
        ("pack.toml", CONSTANTS, written.config.len()),
        ("pack.toml", FIELDS, fields),
        ("pack.toml", TOTALS, written.totals.len()),
    ] {
        if found > bound.most {
            errors.push(PackError::at(file, text(file), 0, bound.said(found)));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut place = Place::new("pack.toml", text("pack.toml"));
    if written.id.get_ref() != id {
        place.say(&written.id, format!("pack `{id}` calls itself `{}`", written.id.get_ref()));
    }
    place.version(&written.version);
    let issued_on = place.day(&written.issued_on);
    let in_force = place.term(&written.in_force);
    let mut config = BTreeMap::new();
    for (name, value) in &written.config {
        config.extend(place.constant(name, value).map(|value| (name.get_ref().clone(), value)));
    }
    let keys = place.keys(&written.declaration.keys);
    let tiers = place.tiers(&written.tier);
    let scope = scope(&written, &keys, &tiers);
    let mut totals = Vec::new();
    for (name, source) in &written.totals {
        totals.extend(place.compile(source, &scope).map(|expr| (name.clone(), expr)));
    }
    let clauses = place.clauses(&written.clause);
    let asides = place.asides(&written.aside, &clauses);
    let costs = place.costs(&written.cost, &scope);
    let reasons = place.reasons(&written.reasons);
    let not_checked = place.unchecked(&written.not_checked, &scope);
    let identities = written.identity.iter().map(|table| place.identity(table, &scope)).collect();
    let known = rules::Known { scope: &scope, categories: &written.categories, clauses: &clauses };
    let mut rules_place = Place::new("rules.toml", text("rules.toml"));
    let mut done: Vec<Rule> = Vec::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for table in &rules.rule {
        if rules_place.is_full() {
            break;
        }
        let id = &table.get_ref().id;
        if !names.insert(id.get_ref()) {
            rules_place.say(id, "two rules of this name".to_owned());
        }
        done.extend(rules_place.rule(table.get_ref(), table.span().start, &known));
    }
    let names: BTreeSet<&str> = rules.rule.iter().map(|one| one.get_ref().id.get_ref().as_str()).collect();
    let mut tests_place = Place::new("tests.toml", text("tests.toml"));
    let trials = trials(&mut tests_place, tests, &names, &config);
    errors = [place, rules_place, tests_place].into_iter().flat_map(|place| place.errors).collect();
    if !errors.is_empty() {
        errors.truncate(MISTAKES.most);
        return Err(errors);
    }
    let counties = text("lists/jiangsu_counties.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(city, county)| (city.trim().to_owned(), county.trim().to_owned()))
        .collect();
    let (Some(issued_on), Some(in_force)) = (issued_on, in_force) else { return Err(errors) };
    let mut pack = Pack {
        id: id.to_owned(),
        version: written.version.get_ref().clone(),
        title: written.title.clone(),
        issued_on,
        in_force,
        categories: written.categories.clone(),
        config,
        keys,
        subjects: written.documents.clone(),
        counties,
        tiers,
        costs,
        reasons,
        clauses,
        asides,
        joining: written.joining.clone(),
        not_checked,
        identities,
        rules: done,
        totals,
        tests: trials,
        lints: Vec::new(),
    };
    pack.lints = unused::lints(&pack, &written, &rules, files);
    Ok(pack)
}

fn trials(
    place: &mut Place<'_>,
    tests: TestsFile,
    names: &BTreeSet<&str>,
    constants: &BTreeMap<String, Value>,
) -> Vec<Test> {
    let mut trials = Vec::new();
    for test in tests.test.into_iter().map(toml::Spanned::into_inner) {
        if place.is_full() {
            break;
        }
        let rule = test.rule.get_ref();
        if !names.contains(rule.as_str()) {
            let like = closest(rule, names.iter().copied());
            place.say(&test.rule, format!("no rule `{rule}`{like}"));
        }
        let Some(expect) = place.outcome(&test.expect) else { continue };
        let mut config = BTreeMap::new();
        for (name, value) in &test.config {
            if !constants.contains_key(name.get_ref()) {
                let like = closest(name.get_ref(), constants.keys().map(String::as_str));
                place.say(name, format!("no constant `{}`{like}", name.get_ref()));
            }
            config.extend(place.constant(name, value).map(|value| (name.get_ref().clone(), value)));
        }
        trials.push(Test {
            config,
            rule: test.rule.into_inner(),
            name: test.name,
            expect,
            reason: test.reason,
            notes: test.notes,
            explanation: test.explanation,
            declaration: test.declaration,
            papers: test.papers,
            not_understood: test.not_understood,
            elsewhere: test.elsewhere,
        });
    }
    trials
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str, errors: &mut Vec<PackError>) -> Option<T> {
    toml::from_str(text)
        .map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            errors.push(PackError::at(file, text, at, error.message()));
        })
        .ok()
}

/// Names that are always there.
const GIVEN: &[&str] = &["case", "today", "declaration", "config"];

/// Under what rules ask for documents that are alike, whatever names them: pictures of pages, whole texts, and the
/// lines of a schedule.
pub const LIKENESSES: [&str; 3] = ["picture", "wording", "schedule"];

/// What expressions of the pack may name.
fn scope(pack: &PackFile, keys: &[Key], tiers: &[Tiers]) -> Scope {
    let set = |fields: &[String]| fields.iter().cloned().collect::<BTreeSet<_>>();
    let mut scope = Scope::default();
    for name in GIVEN {
        scope.names.insert((*name).to_owned(), None);
    }
    let constants = pack.config.keys().map(|name| name.get_ref().clone()).collect();
    scope.names.insert("config".to_owned(), Some(constants));
    let mut declared = set(&pack.declaration.fields);
    declared.extend(keys.iter().flat_map(|key| key.path.split('.')).map(str::to_owned));
    declared.extend(keys.iter().filter(|key| key.shape == Shape::Texts).map(|_| "value".to_owned()));
    scope.types.insert("declaration".to_owned());
    for (kind, fields) in &pack.documents {
        scope.types.insert(kind.clone());
        scope.names.insert(kind.clone(), Some(set(fields)));
        scope.fields.extend(fields.iter().cloned());
    }
    let named = pack.identity.iter().filter_map(|identity| identity.kind.clone());
    let alike = LIKENESSES.into_iter().map(str::to_owned);
    scope.shared = scope.types.iter().cloned().chain(named).chain(alike).collect();
    scope.fields.extend(declared.iter().cloned());
    scope.names.insert("declaration".to_owned(), Some(declared));
    scope.fields.extend(COMPUTED.iter().map(|name| (*name).to_owned()));
    for table in tiers {
        scope.tables.insert(table.name.clone());
        scope.fields.extend(table.rows.iter().flat_map(|row| row.gives.keys().cloned()));
    }
    scope
}
