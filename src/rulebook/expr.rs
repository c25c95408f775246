//! CEL expressions: compiled once, with every name in them known before they are ever evaluated.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use cel::{
    Env, Program,
    common::ast::{EntryExpr, Expr as Ast, IdedExpr, LiteralValue, operators},
};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    functions::{FUNCTIONS, Function},
    limits::{COMPREHENSIONS, DEPTH, EXPRESSION, MISTAKES},
};

/// Operators and macros of CEL that a rule may use besides the functions of the table.
const BUILT_IN: &[&str] = &["size", "startsWith", "endsWith", "contains", "has"];

static PARSER: LazyLock<Env> = LazyLock::new(|| Env::stdlib().with_optional_support(false));

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// As written.
    pub source: String,
    /// As compiled.
    pub program: Arc<Program>,
    /// Names it uses that are no functions.
    pub names: BTreeSet<String>,
    /// The constants of `config` it reads.
    pub constants: BTreeSet<String>,
    /// The tables of tiers it names.
    pub tables: BTreeSet<String>,
}

/// What an expression may name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Variables, with their fields where they are records of a known kind.
    pub names: BTreeMap<String, Option<BTreeSet<String>>>,
    /// All fields of all records, for elements of lists.
    pub fields: BTreeSet<String>,
    /// Tables of tiers.
    pub tables: BTreeSet<String>,
    /// Types of documents, and `declaration`.
    pub types: BTreeSet<String>,
    /// What several applications may share: these types, and what else names or likens documents.
    pub shared: BTreeSet<String>,
}

/// A mistake and the byte of the expression at which it stands.
pub type Mistake = (usize, String);

/// Compiles an expression and checks its names.
///
/// # Errors
///
/// Every mistake with the byte at which it stands.
pub fn compile(source: &str, scope: &Scope) -> Result<Expr, Vec<Mistake>> {
    if source.len() > EXPRESSION.most {
        return Err(vec![(0, EXPRESSION.said(source.len()))]);
    }
    let program = PARSER.compile(source).map_err(|errors| {
        errors
            .errors
            .iter()
            .map(|one| {
                let said = match one.msg.contains("Recursion limit") {
                    true => "more brackets inside each other than are read",
                    false => one.msg.as_str(),
                };
                (position(source, one.pos), format!("no CEL expression: {said}"))
            })
            .collect::<Vec<_>>()
    })?;
    let mut walk = Walk { source, scope, ..Walk::default() };
    walk.visit(program.expression());
    if walk.mistakes.is_empty() {
        let Walk { names, constants, tables, .. } = walk;
        Ok(Expr { source: source.to_owned(), names, constants, tables, program: Arc::new(program) })
    } else {
        Err(walk.mistakes)
    }
}

fn position(source: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    start + usize::try_from(column - 1).unwrap_or(0)
}

static NOTHING: LazyLock<Scope> = LazyLock::new(Scope::default);

struct Walk<'a> {
    source: &'a str,
    scope: &'a Scope,
    local: Vec<String>,
    /// Parts inside each other.
    depth: usize,
    /// Comprehensions inside each other.
    loops: usize,
    names: BTreeSet<String>,
    constants: BTreeSet<String>,
    tables: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

impl Default for Walk<'_> {
    fn default() -> Self {
        Self {
            source: "",
            scope: &NOTHING,
            local: Vec::new(),
            depth: 0,
            loops: 0,
            names: BTreeSet::new(),
            constants: BTreeSet::new(),
            tables: BTreeSet::new(),
            mistakes: Vec::new(),
        }
    }
}

impl Walk<'_> {
    fn visit(&mut self, at: &IdedExpr) {
        self.depth += 1;
        if self.depth > DEPTH.most {
            self.say("", DEPTH.said(self.depth));
        } else {
            self.part(at);
        }
        self.depth -= 1;
    }

    fn part(&mut self, at: &IdedExpr) {
        match &at.expr {
            Ast::Unspecified => {}
            Ast::Ident(name) => self.name(name),
            Ast::Literal(LiteralValue::Double(number)) => {
                let text = number.inner().to_string();
                self.say(&text, format!("`{text}` is a float; write amounts as yuan('{text}')"));
            }
            Ast::Literal(_) => {}
            Ast::List(list) => list.elements.iter().for_each(|one| self.visit(one)),
            Ast::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Ast::Struct(_) => self.say("{", "a rule makes no records".to_owned()),
            Ast::Select(select) => {
                self.visit(&select.operand);
                self.field(&select.operand, &select.field);
            }
            Ast::Call(call) => {
                self.function(&call.func_name, call.args.len() + usize::from(call.target.is_some()));
                if let Some(target) = &call.target {
                    self.visit(target);
                }
                call.args.iter().for_each(|one| self.visit(one));
                // A field may be named in brackets, and what an argument means by a text.
                if let [of, name] = call.args.as_slice()
                    && call.func_name == operators::INDEX
                    && let Ast::Literal(LiteralValue::String(field)) = &name.expr
                {
                    self.field(of, field.inner());
                }
                let known = FUNCTIONS.iter().find(|function| function.name == call.func_name);
                let parameters = known.into_iter().flat_map(Function::parameters);
                for (parameter, argument) in parameters.zip(&call.args) {
                    if let Ast::Literal(LiteralValue::String(name)) = &argument.expr {
                        self.named(parameter, name.inner());
                    }
                }
            }
            Ast::Comprehension(made) => {
                self.visit(&made.iter_range);
                self.local.push(made.iter_var.clone());
                self.local.push(made.accu_var.clone());
                self.loops += 1;
                if self.loops > COMPREHENSIONS.most {
                    self.say("", COMPREHENSIONS.said(self.loops));
                }
                for part in [&made.accu_init, &made.loop_cond, &made.loop_step, &made.result] {
                    self.visit(part);
                }
                self.loops -= 1;
                self.local.truncate(self.local.len() - 2);
            }
        }
    }

    fn field(&mut self, of: &IdedExpr, field: &str) {
        let name = match &of.expr {
            Ast::Ident(name) if !self.local.contains(name) => Some(name.as_str()),
            _ => None,
        };
        let known = name.and_then(|name| self.scope.names.get(name).and_then(Option::as_ref));
        if !known.unwrap_or(&self.scope.fields).contains(field) {
            let there = if known.is_some() { " there" } else { "" };
            let like = closest(field, known.unwrap_or(&self.scope.fields).iter().map(String::as_str));
            self.say(field, format!("unknown field `{field}`{there}{like}"));
        } else if name == Some("config") {
            self.constants.insert(field.to_owned());
        }
    }

    /// A text that an argument is, where the argument names a thing of the pack or has to read as a value.
    fn named(&mut self, parameter: &str, name: &str) {
        let wrong = match parameter {
            "day" if name.parse::<NaiveDate>().is_err() => Some("day of the calendar"),
            "decimal" if name.parse::<Decimal>().is_err() => Some("plain decimal"),
            _ => None,
        };
        if let Some(wanted) = wrong {
            self.say(name, format!("`{name}` is no {wanted}"));
        }
        let (known, what) = match parameter {
            "table" => (&self.scope.tables, "tiers of the name"),
            "type" => (&self.scope.types, "document type"),
            "shared" => (&self.scope.shared, "kind of what is shared"),
            "field" | "holder" | "words" | "figures" => (&self.scope.fields, "field"),
            _ => return,
        };
        if !known.contains(name) {
            let like = closest(name, known.iter().map(String::as_str));
            self.say(name, format!("no {what} `{name}`{like}"));
        } else if parameter == "table" {
            self.tables.insert(name.to_owned());
        }
    }

    fn name(&mut self, name: &str) {
        if name.starts_with('@') || self.local.iter().any(|local| local == name) {
            return;
        }
        self.names.insert(name.to_owned());
        if !self.scope.names.contains_key(name) {
            let like = closest(name, self.scope.names.keys().map(String::as_str));
            self.say(name, format!("unknown name `{name}`{like}"));
        }
    }

    fn function(&mut self, name: &str, given: usize) {
        let operator = !name.starts_with(|c: char| c.is_ascii_lowercase());
        if operator || BUILT_IN.contains(&name) {
            return;
        }
        match FUNCTIONS.iter().find(|function| function.name == name) {
            None => {
                let like = closest(name, FUNCTIONS.iter().map(|function| function.name));
                self.say(name, format!("unknown function `{name}`{like}"));
            }
            Some(function) if function.arguments() != given => {
                self.say(name, format!("`{name}` is given {given} arguments; it is {}", function.signature));
            }
            Some(_) => {}
        }
    }

    /// The AST keeps no places for all its parts, so the word is looked for in the source.
    fn say(&mut self, word: &str, message: String) {
        let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let at = self
            .source
            .match_indices(word)
            .find(|(at, _)| {
                let before = self.source.get(..*at).and_then(|text| text.chars().last());
                let after = self.source.get(at + word.len()..).and_then(|text| text.chars().next());
                edge(before) && edge(after)
            })
            .map_or(0, |(at, _)| at);
        if self.mistakes.len() < MISTAKES.most && !self.mistakes.iter().any(|(_, known)| *known == message) {
            self.mistakes.push((at, message));
        }
    }
}

/// `; did you mean …?` for the nearest of the known names, if one is near.
#[must_use]
pub fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    // Nobody misspells a name of such length, and comparing it takes its time.
    if name.len() > 100 {
        return String::new();
    }
    known
        .filter(|one| one.len().abs_diff(name.len()) <= 6)
        .map(|one| (distance(name, one), one))
        .filter(|(far, _)| *far <= if name.len() < 4 { 1 } else { 2 })
        .min()
        .map_or_else(String::new, |(_, one)| format!("; did you mean `{one}`?"))
}

/// Edits that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((y, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(x != *y)).min(left + 1).min(above + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// The names in braces of a message.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// Named expressions in an order in which each needs only earlier ones.
pub(super) fn in_order(mut rest: Vec<(String, Expr)>) -> Result<Vec<(String, Expr)>, String> {
    let mut done = Vec::new();
    while !rest.is_empty() {
        let free = rest.iter().position(|(_, expr)| !rest.iter().any(|(name, _)| expr.names.contains(name)));
        match free {
            Some(at) => done.push(rest.remove(at)),
            None => return Err(rest.first().map(|(name, _)| name.clone()).unwrap_or_default()),
        }
    }
    Ok(done)
}
