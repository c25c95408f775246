//! The code of the functions that `rulebook/functions.rs` lists.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use cel::{
    Env, ExecutionError,
    common::{
        functions::Function,
        types::{CelBool, CelInt, CelString, DYN_TYPE},
        value::{CowVal, StaticVal, Val},
    },
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::{
    model::value::{Period, Value, code, date, words},
    rulebook::FUNCTIONS,
};

use super::{
    across,
    apart::{self, APART, Apart, Item, USED_ELSEWHERE},
    eval::records,
    index::{Case, Index},
    invoices, levels, lists, matches,
    names::{folded, in_jiangsu},
    numbers, parties, patterns,
    rows::Rows,
    usage,
    values::{Amount, Day, Node, Rec, Span, lower, wrong},
};

type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Every function with its code.
pub(super) const CODE: &[(&str, Function)] = &[
    ("yuan", |a| {
        Ok(CowVal::owned(Amount(text(&a, 0)?.parse().map_err(|_| bad("yuan", &a))?, Decimal::ZERO)))
    }),
    ("date", |a| day_of(text(&a, 0)?.parse().ok(), "date")),
    ("add_years", |a| day_of(date::add_years(day(&a, 0)?, small(&a, 1)?), "add_years")),
    ("add_months", |a| day_of(date::add_months(day(&a, 0)?, small(&a, 1)?), "add_months")),
    ("add_days", |a| day_of(moved(day(&a, 0)?, small(&a, 1)?), "add_days")),
    ("three_years_to", |a| {
        let to = day(&a, 0)?;
        let from = date::add_years(to, -3).and_then(|day| moved(day, 1));
        let period = from.and_then(|from| Period::new(from, to)).ok_or_else(|| bad("three_years_to", &a))?;
        Ok(CowVal::owned(Span(period)))
    }),
    ("first_day", |a| day_of(Some(span(&a, 0)?.from), "first_day")),
    ("last_day", |a| day_of(Some(span(&a, 0)?.to), "last_day")),
    ("inside", |a| yes(span(&a, 1)?.contains(day(&a, 0)?))),
    ("lies_within", |a| {
        let window = span(&a, 2)?;
        yes(window.contains(day(&a, 0)?) && window.contains(day(&a, 1)?))
    }),
    ("number_of", |a| number_of(&a)),
    ("uscc_valid", |a| yes(code::uscc_is_valid(&folded(text(&a, 0)?)))),
    ("in_jiangsu", |a| {
        let (case, address) = (case(&a)?, text(&a, 1)?);
        lists::note_counties(case, address);
        Ok(string(in_jiangsu(address, &case.counties)))
    }),
    ("in_region", |a| yes(folded(text(&a, 0)?).get(2..4) == Some(text(&a, 1)?))),
    ("same_name", |a| yes(folded(text(&a, 0)?) == folded(text(&a, 1)?))),
    ("party", |a| Ok(string(case(&a)?.party(text(&a, 1)?, text(&a, 2)?)?))),
    ("text_or", |a| Ok(string(record(&a, 0)?.text(text(&a, 1)?).unwrap_or(text(&a, 2)?)))),
    ("present", |a| yes(case(&a)?.of(text(&a, 1)?).next().is_some())),
    ("attached", |a| yes(case(&a)?.is_listed(text(&a, 1)?))),
    ("unread", |a| yes(record(&a, 0)?.is_unread(text(&a, 1)?))),
    ("computed", |a| yes(record(&a, 0)?.is_computed(text(&a, 1)?))),
    ("shared", |a| rows(&a, &across::shared(case(&a)?, text(&a, 1)?))),
    ("used_elsewhere", |a| {
        let (record, field) = (record(&a, 0)?, text(&a, 1)?);
        let other = record.groups.get("other").ok_or_else(|| bad("used_elsewhere", &a))?;
        let item = Item::new(USED_ELSEWHERE, apart::amount(record, field), record, &[field]);
        Ok(CowVal::owned(Apart(vec![item.with(other, &["name"]).in_another(other.text("place")?)])))
    }),
    ("papers", |a| {
        let found: Vec<Arc<Node>> = case(&a)?.of(text(&a, 1)?).map(Arc::clone).collect();
        rows(&a, &found)
    }),
    ("all_papers", |a| {
        let found: Vec<Arc<Node>> = case(&a)?.papers.iter().map(|(_, node)| Arc::clone(node)).collect();
        rows(&a, &found)
    }),
    ("own_papers", |a| {
        let found: Vec<Arc<Node>> =
            case(&a)?.own_of(text(&a, 1)?, text(&a, 2)?).into_iter().map(Arc::clone).collect();
        rows(&a, &found)
    }),
    ("latest", |a| Ok(CowVal::owned(Rec(case(&a)?.latest(text(&a, 1)?, text(&a, 2)?))))),
    ("latest_own", |a| {
        Ok(CowVal::owned(Rec(case(&a)?.latest_own(text(&a, 1)?, text(&a, 2)?, text(&a, 3)?))))
    }),
    ("tier", |a| {
        let value = lower(at(&a, 2)?).ok_or_else(|| bad("tier", &a))?;
        Ok(CowVal::owned(Rec(Arc::new(case(&a)?.tier(text(&a, 1)?, &value)?))))
    }),
    ("summed", |a| {
        let mut sum = Amount(Decimal::ZERO, Decimal::ZERO);
        let all = at(&a, 0)?.as_iterable().ok_or_else(|| bad("summed", &a))?;
        let mut all = all.iter();
        while let Some(one) = all.next() {
            let one = one.downcast_ref::<Rec>().ok_or_else(|| bad("summed", &a))?;
            sum.0 = invoices::add(sum.0, one.0.amount(text(&a, 1)?)?)?;
        }
        Ok(CowVal::owned(sum))
    }),
    ("times", |a| {
        let (sum, share) = (amount(&a, 0)?, factor(&a, 1)?);
        let times = |one: Decimal| one.checked_mul(share).ok_or_else(|| bad("times", &a));
        Ok(CowVal::owned(Amount(times(sum.0)?, times(sum.1)?.abs())))
    }),
    ("agree", |a| {
        let (x, y) = (amount(&a, 0)?, amount(&a, 1)?);
        yes((x.0 - y.0).abs() <= x.1 + y.1)
    }),
    ("truncated", |a| {
        let (printed, exact) = (amount(&a, 0)?, amount(&a, 1)?);
        let cut = exact.0 - printed.0;
        yes(cut > Decimal::ZERO && cut < printed.1 + printed.1)
    }),
    ("off_by_unit", |a| yes(off_by_unit(amount(&a, 0)?.0, amount(&a, 1)?.0))),
    ("sums_to", |a| {
        let total = amount(&a, 1)?;
        let (mut sum, mut half) = (Decimal::ZERO, total.1);
        let all = at(&a, 0)?.as_iterable().ok_or_else(|| bad("sums_to", &a))?;
        let mut all = all.iter();
        while let Some(one) = all.next() {
            let one = one.downcast_ref::<Amount>().ok_or_else(|| bad("sums_to", &a))?;
            sum = invoices::add(sum, one.0)?;
            half = invoices::add(half, one.1)?;
        }
        yes((sum - total.0).abs() <= half)
    }),
    ("words_differ", |a| yes(words_differ(record(&a, 0)?, text(&a, 1)?, text(&a, 2)?))),
    ("audited", |a| money(case(&a)?.sum("audited", span(&a, 1)?, text(&a, 2)?, invoices::audited))),
    ("accepted", |a| money(case(&a)?.sum("accepted", span(&a, 1)?, text(&a, 2)?, invoices::accepted))),
    ("invoices_apart", |a| {
        Ok(CowVal::owned(Apart(invoices::set_apart(case(&a)?, span(&a, 1)?, text(&a, 2)?)?)))
    }),
    ("invoices_unlisted", |a| Ok(CowVal::owned(Apart(invoices::unlisted(case(&a)?, text(&a, 1)?))))),
    ("unsupported", |a| {
        money(case(&a)?.sum("unsupported", span(&a, 1)?, text(&a, 2)?, invoices::unsupported_sum))
    }),
    ("lines_without_number", |a| count(invoices::without_number(case(&a)?))),
    ("unsupported_lines", |a| count(invoices::unsupported(case(&a)?).len())),
    ("lines_differ", |a| count(invoices::lines_differ(case(&a)?, text(&a, 1)?))),
    ("audited_categories_apart", |a| {
        Ok(CowVal::owned(Apart(invoices::audited_categories(case(&a)?, text(&a, 1)?))))
    }),
    ("declared_invoices", |a| rows(&a, &invoices::declared_with_papers(case(&a)?))),
    ("doubled_invoices", |a| whole(invoices::doubled(case(&a)?))),
    ("longest_run", |a| {
        Ok(CowVal::owned(Rec(Arc::new(usage::longest_run(
            case(&a)?,
            text(&a, 1)?,
            span(&a, 2)?,
            small(&a, 3)?,
        )?))))
    }),
    ("used_until", |a| day_of(Some(usage::used_until(case(&a)?, text(&a, 1)?)?), "used_until")),
    ("is_long_enough", |a| {
        let run = record(&a, 0)?;
        let period =
            Period::new(run.day("from")?, run.day("to")?).ok_or_else(|| bad("is_long_enough", &a))?;
        yes(usage::long(period, small(&a, 1)?))
    }),
    ("billed_until", |a| day_of(Some(usage::billed_until(case(&a)?, text(&a, 1)?)?), "billed_until")),
    ("paid", |a| money(usage::paid(case(&a)?, span(&a, 1)?, small(&a, 2)?))),
    ("cash_billed", |a| money(usage::cash_billed(case(&a)?, span(&a, 1)?))),
    ("payments_apart", |a| {
        Ok(CowVal::owned(Apart(usage::set_apart(case(&a)?, span(&a, 1)?, small(&a, 2)?)?)))
    }),
    ("paid_source", |a| {
        let has = |kind| case(&a).is_ok_and(|case| case.of(kind).next().is_some());
        Ok(string(if has("bank_receipt") {
            "receipts"
        } else if has("cloud_bill") {
            "bills"
        } else {
            "none"
        }))
    }),
    ("short_services", |a| {
        let short = usage::short(case(&a)?, span(&a, 1)?, small(&a, 2)?)?;
        count(short.len())
    }),
    ("is_billed", |a| yes(usage::used_until(case(&a)?, text(&a, 1)?).is_ok())),
    ("contract_covers", |a| yes(usage::contract_covers(case(&a)?, text(&a, 1)?, day(&a, 2)?))),
    ("level_held", |a| whole(levels::held(case(&a)?)?)),
    ("level_proven", |a| whole(levels::proven(case(&a)?, false)?)),
    ("level_announced", |a| whole(levels::proven(case(&a)?, true)?)),
    ("recognitions_claimed", |a| count(lists::claimed(case(&a)?, text(&a, 1)?))),
    ("recognitions_shown", |a| count(lists::shown(case(&a)?, text(&a, 1)?, true)?)),
    ("recognitions_unsure", |a| count(lists::shown(case(&a)?, text(&a, 1)?, false)?)),
    ("has_lists", |a| yes(lists::has_lists(case(&a)?))),
    ("list_gap", |a| Ok(string(&lists::gap(case(&a)?, text(&a, 1)?, span(&a, 2)?)))),
    ("closing_date_known", |a| yes(lists::closing_date(case(&a)?, text(&a, 1)?).is_some())),
    ("closing_date", |a| {
        day_of(Some(lists::closing_date(case(&a)?, text(&a, 1)?).unwrap_or(day(&a, 2)?)), "closing_date")
    }),
    ("lines_of", |a| count(lists::lines_of(case(&a)?, text(&a, 1)?)?.len())),
    ("lines_naming", |a| rows(&a, &lists::lines_of(case(&a)?, text(&a, 1)?)?)),
    ("different", |a| different(&a)),
    ("number_trouble", |a| Ok(string(numbers::trouble(case(&a)?, record(&a, 1)?, day(&a, 2)?)))),
    ("region_differs", |a| yes(numbers::region_differs(record(&a, 0)?))),
    ("repeated", |a| rows(&a, &across::repeated(case(&a)?))),
    ("number_sequences", |a| rows(&a, &patterns::number_sequences(case(&a)?))),
    ("issued_after", |a| Ok(CowVal::owned(Rec(patterns::issued_after(case(&a)?, day(&a, 1)?)?)))),
    ("invoice_figures", |a| Ok(CowVal::owned(Rec(patterns::figures(case(&a)?))))),
    ("related_sellers", |a| rows(&a, &parties::related_sellers(case(&a)?))),
    ("payments_of_invoices", |a| Ok(CowVal::owned(Rec(Arc::new(matches::payments_of_invoices(case(&a)?)))))),
    ("bears_our_word", |a| yes(parties::bears_our_word(case(&a)?, text(&a, 1)?))),
    ("alike_papers", |a| rows(&a, &across::alike(case(&a)?))),
    ("itemised", |a| {
        let kind = text(&a, 1)?;
        let kind = APART.iter().find(|one| **one == kind).ok_or_else(|| bad("itemised", &a))?;
        let shows = ["invoice_number", "issued_on", "seller_name", "gross"];
        let item = |one: Arc<Node>| Item::new(kind, apart::amount(&one, "gross"), &one, &shows);
        Ok(CowVal::owned(Apart(records(at(&a, 0)?).into_iter().map(item).collect())))
    }),
];

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib().with_optional_support(false);
    for (name, code) in CODE {
        let Some(row) = FUNCTIONS.iter().find(|row| row.name == *name) else { continue };
        // A name can be declared only once, and the table has each once; a test holds that.
        let _ = env.add_overload(name, name, (0..row.arguments()).map(|_| DYN_TYPE).collect(), *code);
    }
    Arc::new(env)
});

/// The environment rules are evaluated in.
pub(super) fn environment() -> Arc<Env> {
    Arc::clone(&ENVIRONMENT)
}

fn bad(name: &str, args: &[CowVal<'_, '_>]) -> ExecutionError {
    let kinds: Vec<&str> = args.iter().map(|one| one.get_type().name()).collect();
    ExecutionError::function_error(name, format!("cannot take ({})", kinds.join(", ")))
}

fn at<'a, 'b, 'v>(args: &'a Args<'b, 'v>, place: usize) -> Result<&'a (dyn Val + 'v), ExecutionError> {
    args.get(place).map(|one| &**one).ok_or(ExecutionError::MissingArgumentOrTarget)
}

fn own<'a, T: StaticVal + 'static>(
    args: &'a Args<'_, '_>,
    place: usize,
    want: &str,
) -> Result<&'a T, ExecutionError> {
    let value = at(args, place)?;
    value.downcast_ref::<T>().ok_or_else(|| wrong("argument", value.get_type().name(), want))
}

fn case<'a>(args: &'a Args<'_, '_>) -> Result<&'a Index, ExecutionError> {
    Ok(&own::<Case>(args, 0, "the case")?.0)
}

fn record<'a>(args: &'a Args<'_, '_>, place: usize) -> Result<&'a Node, ExecutionError> {
    Ok(&own::<Rec>(args, place, "a record")?.0)
}

fn text<'a>(args: &'a Args<'_, '_>, place: usize) -> Result<&'a str, ExecutionError> {
    let value = at(args, place)?;
    let found = value.downcast_ref::<CelString<'_>>();
    found.map(CelString::inner).ok_or_else(|| wrong("argument", value.get_type().name(), "text"))
}

fn day(args: &Args<'_, '_>, place: usize) -> Result<NaiveDate, ExecutionError> {
    Ok(own::<Day>(args, place, "a date")?.0)
}

fn span(args: &Args<'_, '_>, place: usize) -> Result<Period, ExecutionError> {
    Ok(own::<Span>(args, place, "a period")?.0)
}

fn amount(args: &Args<'_, '_>, place: usize) -> Result<Amount, ExecutionError> {
    Ok(*own::<Amount>(args, place, "money")?)
}

fn small(args: &Args<'_, '_>, place: usize) -> Result<i32, ExecutionError> {
    let number = *own::<CelInt>(args, place, "a whole number")?.inner();
    i32::try_from(number).map_err(|_| wrong("argument", &number.to_string(), "a small number"))
}

fn moved(day: NaiveDate, days: i32) -> Option<NaiveDate> {
    let step = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { day.checked_sub_days(step) } else { day.checked_add_days(step) }
}

fn day_of<'b, 'v>(day: Option<NaiveDate>, name: &str) -> Outcome<'b, 'v> {
    day.map(|day| CowVal::owned(Day(day))).ok_or_else(|| ExecutionError::function_error(name, "no such day"))
}

/// A share or a whole number, as a constant or a tier gives it.
fn factor(args: &Args<'_, '_>, place: usize) -> Result<Decimal, ExecutionError> {
    match at(args, place)?.downcast_ref::<CelInt>() {
        Some(whole) => Ok(Decimal::from(*whole.inner())),
        None => Ok(amount(args, place)?.0),
    }
}

/// Records as a list; going through it is counted.
fn rows<'b, 'v>(args: &Args<'_, '_>, records: &[Arc<Node>]) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Rows::new(records, &case(args)?.trace)))
}

fn money<'b, 'v>(sum: Result<Decimal, ExecutionError>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Amount(sum?, Decimal::ZERO)))
}

fn yes<'b, 'v>(is: bool) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(is)))
}

fn whole<'b, 'v>(number: i64) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelInt::from(number)))
}

fn count<'b, 'v>(number: usize) -> Outcome<'b, 'v> {
    whole(i64::try_from(number).unwrap_or(i64::MAX))
}

/// How many different texts a list of texts has.
fn different<'b, 'v>(args: &Args<'b, 'v>) -> Outcome<'b, 'v> {
    let all = at(args, 0)?.as_iterable().ok_or_else(|| bad("different", args))?;
    let (mut all, mut found) = (all.iter(), BTreeSet::new());
    while let Some(one) = all.next() {
        let one = one.downcast_ref::<Rec>().ok_or_else(|| bad("different", args))?;
        found.insert(folded(one.0.text("value")?));
    }
    count(found.len())
}

fn string<'b, 'v>(text: &str) -> CowVal<'b, 'v> {
    CowVal::owned(CelString::from(text.to_owned()))
}

/// Within a hundredth of a thousand or ten thousand times (domain.md, section 4.5).
fn off_by_unit(a: Decimal, b: Decimal) -> bool {
    let (small, large) = if a.abs() < b.abs() { (a, b) } else { (b, a) };
    [1_000, 10_000].into_iter().map(Decimal::from).any(|unit| {
        let hundredth = Decimal::new(1, 2);
        let scaled = small.checked_mul(unit).filter(|scaled| !scaled.is_zero());
        let off = scaled.and_then(|scaled| large.checked_sub(scaled)?.abs().checked_div(scaled.abs()));
        off.is_some_and(|off| off <= hundredth)
    })
}

/// Whether an amount in words was understood and is another than the amount in figures.
fn words_differ(record: &Node, words: &str, figures: &str) -> bool {
    let (Ok(text), Ok(Value::Money(figures))) = (record.text(words), record.read(figures)) else {
        return false;
    };
    // The sign of a red letter stands in the figures, and not always in the words.
    words::parse(text).is_ok_and(|own| (own.abs() - figures.yuan.abs()).abs() > figures.half_unit())
}

fn number_of<'b, 'v>(args: &Args<'b, 'v>) -> Outcome<'b, 'v> {
    if let Some(number) = at(args, 0)?.downcast_ref::<CelInt>() {
        return whole(*number.inner());
    }
    whole(levels::number(text(args, 0)?).ok_or_else(|| bad("number_of", args))?)
}
