//! Packs: the rules of one call, with its constants, lists and tests.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use crate::model::{
    finding::{Clause, Message, Outcome, Severity},
    value::{Money, Period, Value},
};

use super::{
    error::PackError,
    expr::{self, Expr, Scope, closest, in_order, placeholders},
    functions::COMPUTED,
    rule::{Combine, Dimension, Each, Note, Rule, When},
    written::{ClauseTable, IdentityTable, PackFile, RuleTable, RulesFile, TestsFile, Text},
};

/// A pack, checked and compiled.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Identifier, the name of its folder.
    pub id: String,
    /// Version, printed on every report.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Categories a case can have.
    pub categories: Vec<String>,
    /// Dates, amounts and periods that rules call `config.…`.
    pub config: BTreeMap<String, Value>,
    /// Document types with the fields rules may read.
    pub subjects: BTreeMap<String, Vec<String>>,
    /// Cities and counties of the province.
    pub counties: Vec<(String, String)>,
    /// The call's own words, by its own numbers.
    pub clauses: Vec<Clause>,
    /// What names a document beyond its own case; of several for a type, the first that was read.
    pub identities: Vec<Identity>,
    /// Rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// Sums worth showing.
    pub totals: Vec<(String, Expr)>,
    /// Its own tests.
    pub tests: Vec<Test>,
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
    /// The declaration, as in the schema.
    pub declaration: toml::Table,
    /// Documents: `type`, fields and lists.
    pub papers: Vec<toml::Table>,
    /// Names of files in which nothing was understood.
    pub not_understood: Vec<String>,
    /// Documents of other applications: `type`, `application`, `applicant`, `uscc`, and fields.
    pub elsewhere: Vec<toml::Table>,
}

/// Names that are always there.
const GIVEN: &[&str] = &["case", "today", "declaration", "config"];

/// The packs that are part of the program, with the texts of their files.
const EMBEDDED: &[(&str, &[(&str, &str)])] = &[(
    "jiangsu-2023",
    &[
        ("pack.toml", include_str!("../../rules/packs/jiangsu-2023/pack.toml")),
        ("rules.toml", include_str!("../../rules/packs/jiangsu-2023/rules.toml")),
        ("tests.toml", include_str!("../../rules/packs/jiangsu-2023/tests.toml")),
        ("lists/jiangsu_counties.csv", include_str!("../../rules/lists/jiangsu_counties.csv")),
    ],
)];

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

/// Reads a pack from the texts of its files.
///
/// # Errors
///
/// Every mistake found, each with file, line and column.
pub fn load(id: &str, files: &BTreeMap<String, String>) -> Result<Pack, Vec<PackError>> {
    let text = |name: &str| files.get(name).map_or("", String::as_str);
    let mut errors: Vec<PackError> = ["pack.toml", "rules.toml"]
        .into_iter()
        .filter(|name| !files.contains_key(*name))
        .map(|name| PackError::at(name, "", 0, format!("pack `{id}` has no {name}")))
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let written: PackFile = parse("pack.toml", text("pack.toml")).map_err(|error| vec![error])?;
    let rules: RulesFile = parse("rules.toml", text("rules.toml")).map_err(|error| vec![error])?;
    let tests: TestsFile = parse("tests.toml", text("tests.toml")).map_err(|error| vec![error])?;
    if written.id != id {
        errors.push(PackError::at(
            "pack.toml",
            text("pack.toml"),
            0,
            format!("pack `{id}` calls itself `{}`", written.id),
        ));
    }
    let scope = scope(&written);
    let mut config = BTreeMap::new();
    for (name, value) in &written.config {
        match constant(value) {
            Some(value) => {
                config.insert(name.clone(), value);
            }
            None => {
                let at = text("pack.toml").find(&format!("{name} =")).unwrap_or(0);
                errors.push(PackError::at(
                    "pack.toml",
                    text("pack.toml"),
                    at,
                    format!("`{name}` is no date, period, text, whole number or {{ yuan = \"…\" }}"),
                ));
            }
        }
    }
    let mut totals = Vec::new();
    let mut place = Place { file: "pack.toml", text: text("pack.toml"), errors: &mut errors };
    for (name, source) in &written.totals {
        totals.extend(place.compile(source, &scope).map(|expr| (name.clone(), expr)));
    }
    let clauses = place.clauses(&written.clause);
    let identities = written.identity.iter().map(|table| place.identity(table, &scope)).collect();
    let known = Known { scope: &scope, categories: &written.categories, clauses: &clauses };
    let mut place = Place { file: "rules.toml", text: text("rules.toml"), errors: &mut errors };
    let mut done: Vec<Rule> = Vec::new();
    for table in &rules.rule {
        if done.iter().any(|known| known.id == *table.get_ref().id.get_ref()) {
            place.say(&table.get_ref().id, "two rules of this name".to_owned());
        }
        done.extend(place.rule(table.get_ref(), table.span().start, &known));
    }
    let mut place = Place { file: "tests.toml", text: text("tests.toml"), errors: &mut errors };
    let mut trials = Vec::new();
    for test in tests.test.into_iter().map(toml::Spanned::into_inner) {
        if !rules.rule.iter().any(|rule| rule.get_ref().id.get_ref() == test.rule.get_ref()) {
            let like = closest(
                test.rule.get_ref(),
                rules.rule.iter().map(|rule| rule.get_ref().id.get_ref().as_str()),
            );
            place.say(&test.rule, format!("no rule `{}`{like}", test.rule.get_ref()));
        }
        let Some(expect) = place.outcome(&test.expect) else { continue };
        trials.push(Test {
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
    if !errors.is_empty() {
        return Err(errors);
    }
    let counties = text("lists/jiangsu_counties.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(city, county)| (city.trim().to_owned(), county.trim().to_owned()))
        .collect();
    Ok(Pack {
        id: written.id,
        version: written.version,
        title: written.title,
        categories: written.categories,
        config,
        subjects: written.documents,
        counties,
        clauses,
        identities,
        rules: done,
        totals,
        tests: trials,
    })
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, PackError> {
    toml::from_str(text).map_err(|error| {
        PackError::at(file, text, error.span().map_or(0, |span| span.start), error.message())
    })
}

/// What expressions of the pack may name.
fn scope(pack: &PackFile) -> Scope {
    let set = |fields: &[String]| fields.iter().cloned().collect::<BTreeSet<_>>();
    let mut scope = Scope::default();
    for name in GIVEN {
        scope.names.insert((*name).to_owned(), None);
    }
    scope.names.insert("config".to_owned(), Some(pack.config.keys().cloned().collect()));
    scope.names.insert("declaration".to_owned(), Some(set(&pack.declaration.fields)));
    for (kind, fields) in &pack.documents {
        scope.names.insert(kind.clone(), Some(set(fields)));
        scope.fields.extend(fields.iter().cloned());
    }
    scope.fields.extend(pack.declaration.fields.iter().cloned());
    scope.fields.extend(COMPUTED.iter().map(|name| (*name).to_owned()));
    scope
}

/// A constant of `[config]`.
fn constant(value: &toml::Value) -> Option<Value> {
    match value {
        toml::Value::String(text) => {
            Some(text.parse::<NaiveDate>().map_or_else(|_| Value::Text(text.clone()), Value::Date))
        }
        toml::Value::Integer(number) => Some(Value::Number(Decimal::from(*number))),
        toml::Value::Boolean(value) => Some(Value::Bool(*value)),
        toml::Value::Table(table) => {
            let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
            if let Some(yuan) = text("yuan") {
                return Some(Value::Money(Money::yuan(yuan.parse().ok()?)));
            }
            Period::new(text("from")?.parse().ok()?, text("to")?.parse().ok()?).map(Value::Period)
        }
        _ => None,
    }
}

/// What the rules of a pack may refer to.
struct Known<'a> {
    scope: &'a Scope,
    categories: &'a [String],
    clauses: &'a [Clause],
}

/// Characters without their width and without space between them, which printings of a notice differ in.
fn characters(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// A file while its mistakes are gathered.
struct Place<'a> {
    file: &'static str,
    text: &'a str,
    errors: &'a mut Vec<PackError>,
}

impl Place<'_> {
    fn say(&mut self, at: &Text, message: String) {
        self.errors.push(PackError::at(self.file, self.text, at.span().start + 1, message));
    }

    fn compile(&mut self, source: &Text, scope: &Scope) -> Option<Expr> {
        let written = self.text.get(source.span()).unwrap_or_default();
        let quotes = match written.get(..3) {
            Some("'''" | "\"\"\"") => 3 + usize::from(written.get(3..4) == Some("\n")),
            _ => 1,
        };
        match expr::compile(source.get_ref(), scope) {
            Ok(expr) => Some(expr),
            Err(mistakes) => {
                for (at, message) in mistakes {
                    let byte = source.span().start + quotes + at;
                    self.errors.push(PackError::at(self.file, self.text, byte, message));
                }
                None
            }
        }
    }

    fn outcome(&mut self, name: &Text) -> Option<Outcome> {
        let found = Outcome::named(name.get_ref());
        if found.is_none() {
            let like = closest(name.get_ref(), Outcome::ALL.into_iter().map(Outcome::name));
            self.say(name, format!("unknown outcome `{}`{like}", name.get_ref()));
        }
        found
    }

    fn clauses(&mut self, tables: &[ClauseTable]) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        for table in tables {
            let (number, text) = (table.number.get_ref(), table.text.get_ref());
            if clauses.iter().any(|known| known.number == *number) {
                self.say(&table.number, format!("two clauses of the number `{number}`"));
            }
            if text.trim().is_empty() {
                self.say(&table.text, format!("clause `{number}` has no text"));
            }
            clauses.push(Clause { number: number.clone(), text: text.clone() });
        }
        clauses
    }

    fn identity(&mut self, table: &IdentityTable, scope: &Scope) -> Identity {
        let of = table.of.get_ref();
        let known = scope.names.get(of).and_then(Option::as_ref);
        if known.is_none() {
            let kinds = scope.names.iter().filter(|(_, fields)| fields.is_some());
            let like = closest(of, kinds.map(|(name, _)| name.as_str()));
            self.say(&table.of, format!("no document type `{of}`{like}"));
        }
        for field in known.into_iter().flat_map(|_| table.by.iter().chain(&table.shows)) {
            let fields = || known.into_iter().flatten().map(String::as_str);
            if let Some(unknown) = field.get_ref().split('.').find(|part| fields().all(|one| one != *part)) {
                let like = closest(unknown, fields());
                self.say(field, format!("`{of}` has no field `{unknown}`{like}"));
            }
        }
        let names = |fields: &[Text]| fields.iter().map(|one| one.get_ref().clone()).collect::<Vec<_>>();
        if table.by.is_empty() && !table.alike {
            self.say(&table.of, format!("nothing names a document of type `{of}`"));
        }
        let kind = table.kind.clone().unwrap_or_else(|| of.clone());
        let (by, shows) = (names(&table.by), names(&table.shows));
        Identity { of: of.clone(), kind, by, alike: table.alike, length: table.length, shows }
    }

    /// The clause a rule rests on, with the part of it that the rule quotes.
    fn clause(&mut self, table: &RuleTable, clauses: &[Clause]) -> Option<Clause> {
        let number = table.clause.get_ref();
        let Some(clause) = clauses.iter().find(|clause| clause.number == *number) else {
            let like = closest(number, clauses.iter().map(|clause| clause.number.as_str()));
            self.say(&table.clause, format!("no clause `{number}` in pack.toml{like}"));
            return None;
        };
        let Some(quote) = &table.quote else { return Some(clause.clone()) };
        let part = characters(quote.get_ref());
        if part.is_empty() || !characters(&clause.text).contains(&part) {
            self.say(quote, format!("`{}` does not stand in clause {number}", quote.get_ref()));
        }
        Some(Clause { number: number.clone(), text: quote.get_ref().clone() })
    }

    fn rule(&mut self, table: &RuleTable, start: usize, known: &Known<'_>) -> Option<Rule> {
        let before = self.errors.len();
        let id = table.id.get_ref();
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            self.say(&table.id, format!("`{id}` is not in kebab-case"));
        }
        for category in &table.applies_to {
            if !known.categories.contains(category.get_ref()) {
                let like = closest(category.get_ref(), known.categories.iter().map(String::as_str));
                self.say(category, format!("unknown category `{}`{like}", category.get_ref()));
            }
        }
        let severities = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];
        let severity = severities.into_iter().find(|one| one.name() == table.severity.get_ref());
        if severity.is_none() {
            self.say(&table.severity, format!("unknown severity `{}`", table.severity.get_ref()));
        }
        let clause = self.clause(table, known.clauses);
        let mut scope = known.scope.clone();
        let each = table.each.as_ref().and_then(|each| {
            let combine = match each.combine.get_ref().as_str() {
                "worst" => Combine::Worst,
                "any" => Combine::Any,
                other => {
                    self.say(&each.combine, format!("`{other}` is neither `worst` nor `any`"));
                    Combine::Worst
                }
            };
            let list = self.compile(&each.list, &scope)?;
            scope.names.insert(each.name.clone(), None);
            Some(Each { list, name: each.name.clone(), combine, may_be_empty: each.may_be_empty })
        });
        let readings: Vec<Dimension> = table
            .readings
            .iter()
            .map(|(name, candidates)| Dimension {
                name: name.clone(),
                candidates: candidates
                    .iter()
                    .filter_map(|(name, source)| Some((name.clone(), self.compile(source, &scope)?)))
                    .collect(),
            })
            .collect();
        for name in table.readings.keys().chain(table.lets.keys()) {
            scope.names.insert(name.clone(), None);
        }
        let lets = table
            .lets
            .iter()
            .filter_map(|(name, source)| Some((name.clone(), self.compile(source, &scope)?)))
            .collect();
        let lets = in_order(lets).unwrap_or_else(|name| {
            self.say(&table.id, format!("`{name}` needs itself"));
            Vec::new()
        });
        let mut whens = Vec::new();
        for when in &table.when {
            let condition = self.compile(&when.condition, &scope);
            let outcome = self.outcome(&when.outcome);
            if let (Some(condition), Some(outcome)) = (condition, outcome) {
                whens.push(When { condition, outcome, reason: when.reason.clone() });
            }
        }
        let mut notes = Vec::new();
        for note in &table.note {
            let condition = self.compile(&note.condition, &scope);
            notes.extend(condition.map(|condition| Note { condition, note: note.note.clone() }));
        }
        let mut maybe =
            |source: &Option<Text>| source.as_ref().and_then(|source| self.compile(source, &scope));
        let (require, declared, found) = (maybe(&table.require), maybe(&table.declared), maybe(&table.found));
        let explanation = maybe(&table.explanation);
        if table.require.is_none() && !table.judgement && table.when.is_empty() {
            self.say(&table.id, format!("rule `{id}` requires nothing"));
        }
        let Some(message) = &table.message else {
            self.errors.push(PackError::at(
                self.file,
                self.text,
                start,
                format!("rule `{id}` has no message"),
            ));
            return None;
        };
        for text in [&message.zh, &message.en] {
            if text.get_ref().trim().is_empty() {
                self.say(text, format!("rule `{id}` has an empty message"));
            }
            for name in placeholders(text.get_ref()) {
                let own = ["declared", "found", "difference", "failing", "total"];
                if !own.contains(&name) && !scope.names.contains_key(name) {
                    self.say(text, format!("unknown placeholder `{{{name}}}`"));
                }
            }
        }
        if self.errors.len() > before {
            return None;
        }
        Some(Rule {
            id: id.clone(),
            code: table.code.clone(),
            clause: clause?,
            applies_to: table.applies_to.iter().map(|one| one.get_ref().clone()).collect(),
            severity: severity?,
            judgement: table.judgement,
            about_readings: table.about_readings,
            each,
            readings,
            lets,
            whens,
            require,
            reason: table.reason.clone(),
            notes,
            declared,
            found,
            explanation,
            message: Message { zh: message.zh.get_ref().clone(), en: message.en.get_ref().clone() },
        })
    }
}
