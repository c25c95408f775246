//! The call's own words, what is set aside of them, and what names a document.

use std::collections::BTreeMap;

use crate::model::finding::{Clause, Message};

use super::{
    super::{
        expr::{Scope, closest},
        folded::Folded,
        limits::CLAUSE,
        written::{AsideTable, ClauseTable, IdentityTable, MessageTable, Text, UncheckedTable},
    },
    Aside, Identity, Unchecked,
    place::Place,
};

impl Place<'_> {
    pub(super) fn clauses(&mut self, tables: &[ClauseTable]) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        for table in tables {
            let (number, text) = (table.number.get_ref(), table.text.get_ref());
            if clauses.iter().any(|known| known.number == *number) {
                self.say(&table.number, format!("two clauses of the number `{number}`"));
            }
            if text.trim().is_empty() {
                self.say(&table.text, format!("clause `{number}` has no text"));
            }
            let length = text.chars().count();
            if length > CLAUSE.most {
                self.say(&table.text, CLAUSE.said(length));
                continue;
            }
            clauses.push(Clause { number: number.clone(), text: text.clone() });
        }
        clauses
    }

    /// What is set aside; the reason has to be there in both languages.
    pub(super) fn asides(&mut self, tables: &[AsideTable], clauses: &[Clause]) -> Vec<Aside> {
        let mut asides = Vec::new();
        for table in tables {
            for why in [&table.why.zh, &table.why.en] {
                if why.get_ref().trim().is_empty() {
                    self.say(why, "an aside without a reason".to_owned());
                }
            }
            let Some(clause) = self.quoted(&table.clause, table.quote.as_ref(), clauses) else { continue };
            asides.push(Aside { clause, why: table.why.message() });
        }
        asides
    }

    /// What is not checked, with the kinds of lists without which it is not.
    pub(super) fn unchecked(&mut self, tables: &[UncheckedTable], scope: &Scope) -> Vec<Unchecked> {
        for without in tables.iter().filter_map(|table| table.without.as_ref()) {
            let of = without.get_ref();
            if scope.names.get(of).and_then(Option::as_ref).is_none() {
                let kinds = scope.names.iter().filter(|(_, fields)| fields.is_some());
                let like = closest(of, kinds.map(|(name, _)| name.as_str()));
                self.say(without, format!("no document type `{of}`{like}"));
            }
        }
        let one = |table: &UncheckedTable| Unchecked {
            without: table.without.as_ref().map(|of| of.get_ref().clone()),
            said: Message { zh: table.zh.get_ref().clone(), en: table.en.get_ref().clone() },
        };
        tables.iter().map(one).collect()
    }

    /// Reasons in words; both languages have to be there.
    pub(super) fn reasons(&mut self, table: &BTreeMap<Text, MessageTable>) -> BTreeMap<String, Message> {
        for (code, words) in table {
            let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            if !code.get_ref().chars().all(is_code) {
                self.say(code, format!("`{}` is no code of capital letters and _", code.get_ref()));
            }
            for text in [&words.zh, &words.en] {
                if text.get_ref().trim().is_empty() {
                    self.say(text, format!("`{}` without words", code.get_ref()));
                }
            }
        }
        table.iter().map(|(code, words)| (code.get_ref().clone(), words.message())).collect()
    }

    /// A clause, with the part of it that is quoted; all of it where nothing is.
    pub(super) fn quoted(
        &mut self,
        number: &Text,
        quote: Option<&Text>,
        clauses: &[Clause],
    ) -> Option<Clause> {
        let Some(clause) = clauses.iter().find(|clause| clause.number == *number.get_ref()) else {
            let like = closest(number.get_ref(), clauses.iter().map(|clause| clause.number.as_str()));
            self.say(number, format!("no clause `{}` in pack.toml{like}", number.get_ref()));
            return None;
        };
        let Some(quote) = quote else { return Some(clause.clone()) };
        let (number, part) = (number.get_ref(), quote.get_ref());
        if Folded::of(&clause.text).find(&Folded::of(part)).is_empty() {
            self.say(quote, format!("`{part}` does not stand in clause {number}"));
        }
        Some(Clause { number: number.clone(), text: part.clone() })
    }

    pub(super) fn identity(&mut self, table: &IdentityTable, scope: &Scope) -> Identity {
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
}
