//! A file of a pack while its mistakes are gathered, each with its place.

use chrono::NaiveDate;
use toml::Spanned;

use crate::model::finding::Outcome;

use super::super::{
    error::PackError,
    expr::{self, Expr, Scope, closest},
    limits::MISTAKES,
    written::Text,
};

/// A file and what is wrong with it.
pub(super) struct Place<'a> {
    pub(super) file: &'static str,
    pub(super) text: &'a str,
    pub(super) errors: Vec<PackError>,
}

impl<'a> Place<'a> {
    pub(super) fn new(file: &'static str, text: &'a str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    /// Whether more mistakes were found than anyone reads.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() > MISTAKES.most
    }

    /// A mistake at a byte of the file. To find its line takes time, so what nobody reads is not found.
    pub(super) fn say_at(&mut self, byte: usize, message: String) {
        if !self.is_full() {
            self.errors.push(PackError::at(self.file, self.text, byte, message));
        }
    }

    /// A mistake at a text, behind its quotation mark.
    pub(super) fn say(&mut self, at: &Text, message: String) {
        let quoted = self.text.get(at.span()).is_some_and(|text| text.starts_with(['"', '\'']));
        self.say_at(at.span().start + usize::from(quoted), message);
    }

    /// A mistake at any other value.
    pub(super) fn say_of<T>(&mut self, at: &Spanned<T>, message: String) {
        self.say_at(at.span().start, message);
    }

    pub(super) fn compile(&mut self, source: &Text, scope: &Scope) -> Option<Expr> {
        let written = self.text.get(source.span()).unwrap_or_default();
        let quotes = match written.get(..3) {
            Some("'''" | "\"\"\"") => 3 + usize::from(written.get(3..4) == Some("\n")),
            _ => 1,
        };
        match expr::compile(source.get_ref(), scope) {
            Ok(expr) => Some(expr),
            Err(mistakes) => {
                for (at, message) in mistakes {
                    self.say_at(source.span().start + quotes + at, message);
                }
                None
            }
        }
    }

    pub(super) fn outcome(&mut self, name: &Text) -> Option<Outcome> {
        let found = Outcome::named(name.get_ref());
        if found.is_none() {
            let like = closest(name.get_ref(), Outcome::ALL.into_iter().map(Outcome::name));
            self.say(name, format!("unknown outcome `{}`{like}", name.get_ref()));
        }
        found
    }

    /// A day of the calendar.
    pub(super) fn day(&mut self, text: &Text) -> Option<NaiveDate> {
        let day = text.get_ref().parse().ok();
        if day.is_none() {
            let message = format!("`{}` is no day of the calendar, such as 2023-02-28", text.get_ref());
            self.say(text, message);
        }
        day
    }

    /// Three numbers, so that it can be told which of two versions is later.
    pub(super) fn version(&mut self, text: &Text) {
        let numbers: Vec<&str> = text.get_ref().split('.').collect();
        let is_number = |part: &&str| part.len() < 6 && part.parse::<u32>().is_ok();
        if numbers.len() != 3 || !numbers.iter().all(is_number) {
            self.say(text, format!("version `{}` is not three numbers, such as 1.0.0", text.get_ref()));
        }
    }
}
