//! One rule over one case: readings, special cases, the requirement, and the sentence about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cel::{Context, ExecutionError, Value as Cel, common::value::Val};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    model::{
        fact::FactId,
        finding::{Finding, Outcome, Shown},
        value::{Value, money},
    },
    reconcile::Band,
    rulebook::{Pack, Rule, expr::Expr, limits::STEPS},
};

use super::{
    apart::{self, Apart},
    functions::environment,
    index::{Case, Index},
    rows::counted,
    values::{Amount, Day, Node, Rec, lower},
    verdict::{Gaps, Verdict, broken, combine, explained, gap},
};

/// A case, ready for rules.
pub(super) struct Evaluation<'a> {
    pub(super) index: Arc<Index>,
    today: NaiveDate,
    pub(super) pack: &'a Pack,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(index: Arc<Index>, today: NaiveDate, pack: &'a Pack) -> Self {
        Self { index, today, pack }
    }

    /// What expressions may name, with the document of each type that is named.
    fn context(&self, is_named: &dyn Fn(&str) -> bool) -> Context<'static, 'static> {
        let mut context = Context::with_env(environment());
        context.add_variable_as_val("case", Box::new(Case(Arc::clone(&self.index))));
        context.add_variable_as_val("today", Box::new(Day(self.today)));
        context.add_variable_as_val("declaration", Box::new(Rec(Arc::clone(&self.index.declaration))));
        context.add_variable_as_val("config", Box::new(Rec(Arc::clone(&self.index.config))));
        for kind in self.pack.subjects.keys().filter(|kind| is_named(kind)) {
            context.add_variable_as_val(kind.clone(), Box::new(Rec(self.index.the(kind))));
        }
        context
    }

    /// The sums of the pack that can be computed.
    pub(super) fn totals(&self, pack: &Pack) -> BTreeMap<String, Decimal> {
        let context = self.context(&|_| true);
        let sums = pack.totals.iter().filter_map(|(name, expr)| {
            self.index.trace.rest();
            let value = Cel::resolve_val(expr.program.expression(), &context).ok()?;
            match lower(&*value).filter(|_| !self.index.trace.is_exhausted())? {
                Value::Money(money) => Some((name.clone(), money.yuan)),
                _ => None,
            }
        });
        sums.collect()
    }

    /// Evaluates a rule.
    pub(super) fn rule(&self, rule: &Rule, category: Option<&str>) -> Verdict {
        if !rule.concerns(category) {
            return Verdict::bare(Outcome::NotApplicable);
        }
        self.index.trace.rest();
        let verdict = self.verdict(rule);
        if self.index.trace.is_exhausted() {
            // What was left out may be what decides.
            let error =
                ExecutionError::function_error("rule", format!("more than {} {}", STEPS.most, STEPS.of));
            return gap(&error, &Gaps::new(), verdict.reads.into_iter().collect());
        }
        verdict
    }

    fn verdict(&self, rule: &Rule) -> Verdict {
        let Some(each) = &rule.each else { return self.readings(rule, None) };
        self.index.take_reads();
        let context = self.context(&|kind| each.list.names.contains(kind));
        let listed = Cel::resolve_val(each.list.program.expression(), &context);
        let reads = self.index.take_reads();
        let elements = match listed {
            Ok(value) => records(&*value),
            Err(error) => return gap(&error, &Gaps::new(), reads),
        };
        // What was not declared cannot be looked at one by one; documents are asked for by other rules.
        if elements.is_empty() && !each.may_be_empty && each.list.names.contains("declaration") {
            let what = each.list.source.split_once('.').map_or("", |(_, path)| path);
            let path = what.split(".map(").next().unwrap_or(what);
            return gap(&ExecutionError::no_such_key(&format!("undeclared {path}")), &Gaps::new(), reads);
        }
        let verdicts: Vec<Verdict> =
            elements.into_iter().map(|one| self.readings(rule, Some((&each.name, Rec(one))))).collect();
        combine(verdicts, each.combine)
    }

    /// Evaluates one element, or the case, under every combination of readings.
    fn readings(&self, rule: &Rule, element: Option<(&str, Rec)>) -> Verdict {
        let mut combinations: Vec<Vec<usize>> = vec![Vec::new()];
        for dimension in &rule.readings {
            combinations = combinations
                .iter()
                .flat_map(|so_far| {
                    (0..dimension.candidates.len()).map(move |at| {
                        let mut more = so_far.clone();
                        more.push(at);
                        more
                    })
                })
                .collect();
        }
        // What sets items apart is looked for once, under the reading that counts.
        if let [only] = combinations.as_slice() {
            return self.reading(rule, only, element, true);
        }
        let read = |combination: &Vec<usize>| self.reading(rule, combination, element.clone(), false);
        let verdicts: Vec<Verdict> = combinations.iter().map(read).collect();
        let outcomes: BTreeSet<Outcome> = verdicts.iter().map(|one| one.outcome).collect();
        // A special case that holds under every reading brings its own outcome; what was shown is
        // that of the worst reading.
        let worst = verdicts.iter().zip(&combinations).max_by_key(|(one, _)| one.outcome);
        let Some((_, combination)) = worst else {
            return gap(&ExecutionError::MissingArgumentOrTarget, &Gaps::new(), Vec::new());
        };
        let mut all = self.reading(rule, combination, element.clone(), true);
        all.reads = verdicts.iter().flat_map(|one| one.reads.iter().copied()).collect();
        if outcomes.len() < 2 || outcomes == BTreeSet::from([Outcome::Pass, Outcome::MissingEvidence]) {
            return all;
        }
        all.outcome = Outcome::ManualReview;
        all.reasons = vec!["AMBIGUOUS_READING".to_owned()];
        for (at, dimension) in rule.readings.iter().enumerate() {
            let rest = |one: &[usize]| {
                let mut rest = one.to_vec();
                rest.remove(at);
                rest
            };
            let decides = combinations.iter().zip(&verdicts).any(|(one, verdict)| {
                let mut others = combinations.iter().zip(&verdicts);
                others.any(|(other, other_verdict)| {
                    rest(one) == rest(other) && verdict.outcome != other_verdict.outcome
                })
            });
            if decides {
                all.reasons.push(dimension.name.to_uppercase());
            }
        }
        // A reading that was left open by something else, such as a field that was not read, says so.
        let open = verdicts.iter().filter(|one| !matches!(one.outcome, Outcome::Pass | Outcome::Fail));
        for reason in open.flat_map(|one| &one.reasons) {
            if !all.reasons.contains(reason) {
                all.reasons.push(reason.clone());
            }
        }
        all
    }

    fn reading(
        &self,
        rule: &Rule,
        combination: &[usize],
        element: Option<(&str, Rec)>,
        explains: bool,
    ) -> Verdict {
        let named = |kind: &str| rule.expressions().any(|(_, expr)| expr.names.contains(kind));
        let mut context = self.context(&named);
        let mut gaps = Gaps::new();
        let mut behind: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut shown = BTreeMap::new();
        if let Some((name, value)) = element {
            context.add_variable_as_val(name, Box::new(value));
        }
        self.index.take_reads();
        let named = rule
            .readings
            .iter()
            .zip(combination)
            .filter_map(|(dimension, at)| Some((&dimension.name, &dimension.candidates.get(*at)?.1)))
            .chain(rule.lets.iter().map(|(name, expr)| (name, expr)));
        for (name, expr) in named {
            let value = match Cel::resolve_val(expr.program.expression(), &context) {
                Ok(value) => {
                    shown.extend(lower(&*value).map(|value| (name.clone(), value)));
                    Ok(value.into_owned())
                }
                Err(error) => Err(explained(error, &gaps)),
            };
            behind.insert(name.clone(), reads_of(expr, &behind, self.index.take_reads()));
            match value {
                Ok(value) => {
                    context.add_variable_as_val(name.clone(), counted(value, &self.index.trace));
                }
                Err(error) => {
                    gaps.insert(name.clone(), error);
                }
            }
        }
        let mut verdict = self.decide(rule, &context, &gaps, &behind);
        if matches!(verdict.outcome, Outcome::Fail | Outcome::Pass | Outcome::ManualReview) {
            for note in &rule.notes {
                let is = Cel::resolve_val(note.condition.program.expression(), &context);
                if is.is_ok_and(|is| matches!(lower(&*is), Some(Value::Bool(true)))) {
                    verdict.notes.push(note.note.clone());
                }
            }
        }
        for (name, expr) in [("declared", &rule.declared), ("found", &rule.found)] {
            let value = expr.as_ref().map(|expr| Cel::resolve_val(expr.program.expression(), &context));
            shown.extend(
                value.and_then(Result::ok).and_then(|it| lower(&*it)).map(|it| (name.to_owned(), it)),
            );
        }
        verdict.shown.extend(shown);
        verdict.reads.extend(behind.into_values().flatten());
        verdict.reads.extend(self.index.take_reads());
        if explains
            && verdict.outcome > Outcome::Pass
            && let Some(items) = &rule.explanation
        {
            let items = Cel::resolve_val(items.program.expression(), &context).ok();
            let items =
                items.and_then(|it| it.downcast_ref::<Apart>().cloned()).map_or(Vec::new(), |it| it.0);
            self.index.take_reads();
            let sums = [&rule.declared, &rule.found].map(|sum| {
                let value = Cel::resolve_val(sum.as_ref()?.program.expression(), &context).ok()?;
                value.downcast_ref::<Amount>().map(|amount| Band { yuan: amount.0, half: amount.1 })
            });
            let facts: BTreeSet<usize> = self.index.take_reads().into_iter().collect();
            verdict.apart = match sums {
                [Some(first), Some(second)] => {
                    let (items, note) = apart::explained(items, (first, second), &facts);
                    verdict.notes.extend(note.map(str::to_owned));
                    items
                }
                _ => items,
            };
            // Each item cites its own facts.
            self.index.take_reads();
        }
        verdict
    }

    /// The special cases in order, then the requirement.
    fn decide(
        &self,
        rule: &Rule,
        context: &Context<'_, 'static>,
        gaps: &Gaps,
        behind: &BTreeMap<String, BTreeSet<usize>>,
    ) -> Verdict {
        let mut unknown = None;
        for when in &rule.whens {
            let is = Cel::resolve_val(when.condition.program.expression(), context).map(|is| lower(&*is));
            let reads = reads_of(&when.condition, behind, self.index.take_reads());
            match is {
                Ok(Some(Value::Bool(true))) => return self.ended(when.outcome, &when.reason, reads),
                Ok(Some(Value::Bool(false))) => {}
                Ok(_) => return broken(&when.condition.source, reads),
                // A special case that cannot be told is left to the requirement, unless there is none.
                Err(error) => unknown = unknown.or(Some((error, reads))),
            }
        }
        let Some(require) = &rule.require else {
            return match unknown {
                Some((error, reads)) => gap(&error, gaps, reads.into_iter().collect()),
                None => self.ended(Outcome::Pass, "", BTreeSet::new()),
            };
        };
        let is = Cel::resolve_val(require.program.expression(), context).map(|is| lower(&*is));
        let reads = reads_of(require, behind, self.index.take_reads());
        match is {
            Ok(Some(Value::Bool(true))) => match unknown {
                Some((error, more)) => gap(&error, gaps, more.into_iter().chain(reads).collect()),
                None => self.ended(Outcome::Pass, "", reads),
            },
            Ok(Some(Value::Bool(false))) => self.ended(Outcome::Fail, &rule.reason, reads),
            Ok(_) => broken(&require.source, reads),
            Err(error) => gap(&error, gaps, reads.into_iter().collect()),
        }
    }

    /// An end that was decided; a hard fail needs a sure reading.
    fn ended(&self, outcome: Outcome, reason: &str, reads: BTreeSet<usize>) -> Verdict {
        let mut reasons: Vec<String> = Some(reason)
            .filter(|it| !it.is_empty() && outcome != Outcome::Pass)
            .map(str::to_owned)
            .into_iter()
            .collect();
        let weak = reads.iter().any(|at| self.index.sources.get(*at).is_some_and(|source| source.weak));
        let outcome = if outcome == Outcome::Fail && weak {
            reasons.push("READ_BY_OCR_ONLY".to_owned());
            Outcome::ManualReview
        } else {
            outcome
        };
        let disputed =
            reads.iter().any(|at| self.index.sources.get(*at).is_some_and(|source| source.disputed));
        let notes = disputed.then(|| "READINGS_DIFFER".to_owned()).into_iter().collect();
        Verdict { reasons, notes, reads, ..Verdict::bare(outcome) }
    }

    pub(super) fn finding(&self, rule: &Rule, mut verdict: Verdict) -> Finding {
        let money = |value: Option<&Value>| match value {
            Some(Value::Money(money)) => Some(money.yuan),
            _ => None,
        };
        let (declared, found) = (verdict.shown.get("declared"), verdict.shown.get("found"));
        let difference =
            money(found).zip(money(declared)).and_then(|(found, declared)| found.checked_sub(declared));
        let show = |value: &Value| Shown {
            value: value.wire(),
            unit: matches!(value, Value::Money(_)).then(|| "元".to_owned()),
        };
        let (declared, found) = (declared.map(show), found.map(show));
        if let Some(difference) = difference {
            verdict.shown.insert("difference".to_owned(), Value::Text(money::wire(difference)));
        }
        let message = verdict.message(&rule.message);
        let mut reads: Vec<usize> = verdict.reads.iter().copied().collect();
        reads.sort_by_key(|at| !verdict.foremost.contains(at));
        let mut seen: BTreeSet<FactId> = BTreeSet::new();
        let cited = reads.iter().filter_map(|at| self.index.sources.get(*at)).map(|source| source.id);
        let evidence: Vec<FactId> = cited.filter(|id| seen.insert(*id)).collect();
        let searched = self.searched(&verdict, evidence.is_empty());
        Finding {
            searched,
            rule: rule.id.clone(),
            code: rule.code.clone(),
            clause: rule.clause.clone(),
            outcome: verdict.outcome,
            severity: rule.severity,
            reasons: verdict.reasons,
            notes: verdict.notes,
            message,
            declared,
            found,
            difference,
            explanation: verdict.apart.iter().map(|item| item.explanation(&self.index.sources)).collect(),
            evidence,
        }
    }
}

impl Evaluation<'_> {
    /// Where was looked for what is absent.
    fn searched(&self, verdict: &Verdict, cites_nothing: bool) -> Vec<String> {
        let says = |reason: &str| verdict.reasons.iter().any(|one| one == reason);
        let is_open = verdict.outcome > Outcome::Pass;
        if says("NOT_DECLARED") {
            return vec![DECLARATION.to_owned()];
        }
        let is_absent = verdict.outcome == Outcome::MissingEvidence || says("PERHAPS_UNREAD");
        if !is_open || !(is_absent || cites_nothing) {
            return Vec::new();
        }
        let files = self.index.files.iter().map(String::as_str);
        [DECLARATION].into_iter().chain(files).map(str::to_owned).collect()
    }
}

/// What was searched where something was not declared.
const DECLARATION: &str = "declaration";

/// The records of a list, and of lists inside it.
pub(super) fn records(value: &dyn Val) -> Vec<Arc<Node>> {
    if let Some(record) = value.downcast_ref::<Rec>() {
        return vec![Arc::clone(&record.0)];
    }
    let mut found = Vec::new();
    if let Some(all) = value.as_iterable() {
        let mut all = all.iter();
        while let Some(one) = all.next() {
            found.extend(records(one));
        }
    }
    found
}

/// What an expression rests on: what it read itself, and what the names in it rest on.
fn reads_of(expr: &Expr, behind: &BTreeMap<String, BTreeSet<usize>>, own: Vec<usize>) -> BTreeSet<usize> {
    let through = expr.names.iter().filter_map(|name| behind.get(name)).flatten().copied();
    own.into_iter().chain(through).collect()
}
