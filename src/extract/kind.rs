//! Characters to a value of a field's kind. What does not fit gives nothing: no value is guessed.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::reach::is_han;
use crate::{
    model::value::{Money, Period, Value, code, date, money, words},
    rulebook::types::Kind,
};

/// A value read from characters.
pub(super) struct Read {
    /// The value.
    pub value: Value,
    /// Which bytes of the text it was read from.
    pub from: usize,
    /// End of those bytes.
    pub to: usize,
    /// Whether the value carries a check that came out right (`Some(true)`) or wrong.
    pub checked: Option<bool>,
}

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static USCC: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"[0-9A-Za-z](?:\s?[0-9A-Za-z]){17}"));
static TAX_ID: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"[0-9A-Za-z](?:\s?[0-9A-Za-z]){14,19}"));
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"\d(?:\s?\d)*"));
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"[0-9A-Za-z][0-9A-Za-z./_@-]{3,}"));
static STANDARD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)GB\s*/\s*T\s*\d{4,5}(?:\.\d+)?\s*-\s*\d{4}(?:\s*/?\s*(?:idt)?\s*IS[O0](?:/IEC)?\s*\d{4,5}(?:-\d)?\s*:\s*\d{4})?|IS[O0](?:/IEC)?\s*\d{4,5}(?:-\d)?\s*:\s*\d{4}|IATF\s*16949\s*:\s*\d{4}",
    )
});
/// All figures that stand together, and the signs between them: an amount is never a part of them. A sign in
/// front of them all is where others stood.
static MONEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"(?:^\s*[.,]+)?\(?-?[¥$]?\s?-?\d+(?:[.,]+\d+|,\s\d{3})*\)?"));
/// Groups of three and two decimals, whatever signs stand between them, or none for once.
static GROUPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"^(\(?-?¥?\s?-?\d{1,6}(?:[.,](?:\d{3}){1,2})+)([.,])(\d{2}\)?)$"));
/// No amount begins with a nought and goes on: its head is lost.
static HEADLESS: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"^\D*0\d"));
/// A single letter before an amount that looks like a figure may be one.
static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"(?:^|[^A-Za-z])[IlO|]$"));
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?:\(负数\)|负)?[零〇壹贰貳弍叁參叄肆伍陆陸柒捌玖拾佰仟万萬亿億](?:\s?[零〇壹贰貳弍叁參叄肆伍陆陸柒捌玖拾佰仟万萬亿億元圆圓角分整正])+",
    )
});
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let figures = r"(?:1\s?9|2\s?0)\s?\d\s?\d\s*年\s*\d(?:\s?\d)?\s*月\s*\d(?:\s?\d)?\s*日|(?:19|20)\d{2}\s*(?:年|[-./])\s*\d{1,2}\s*(?:月|[-./])\s*\d{1,2}\s*日?|(?:19|20)\d{6}|[二一贰壹]\s*[〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖OＯ](?:\s*[〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖OＯ]){2}\s*年\s*零?[一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]{1,3}\s*月\s*零?[一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]{1,3}\s*日|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}";
    let named = format!(
        r"(?i:(?:\d{{1,2}}(?:st|nd|rd|th)?[-\s./]*(?:of)?[-\s./]*)?(?:{})\p{{Latin}}*[-\s.,/]*(?:\d{{1,2}}(?:st|nd|rd|th)?[-\s.,/]+)?(?:19|20)\d{{2}})",
        date::month_names()
    );
    compiled(&format!("{figures}|{named}"))
});

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Reads the first value of a kind in a text.
pub(super) fn read(kind: &Kind, text: &str) -> Option<Read> {
    match kind {
        Kind::Text | Kind::Organisation | Kind::Person => name(kind, text),
        Kind::Uscc => matched(&USCC, text, |found| {
            let code = dense(found).to_uppercase();
            let valid = code::uscc_is_valid(&code);
            Some((Value::Code(code), Some(valid)))
        }),
        Kind::TaxId => matched(&TAX_ID, text, |found| {
            // A stray figure beside a credit code is none of it.
            let found = found.to_uppercase();
            let part = found.split_whitespace().find(|part| code::uscc_is_valid(part));
            let code = part.map_or_else(|| dense(&found), str::to_owned);
            let checked = match code.len() {
                // Those of before 2015, and of persons, carry no check.
                15 | 17 | 20 => None,
                _ => Some(code::uscc_is_valid(&code)),
            };
            Some((Value::Code(code), checked))
        }),
        Kind::Digits(lengths) => digits(lengths, text),
        Kind::Code => numbered(text),
        Kind::Standard => matched(&STANDARD, text, |found| {
            // Recognisers mix up O and 0; no body that issues standards is called IS0.
            Some((Value::Text(tidy(&found.to_uppercase().replace("IS0", "ISO"))), None))
        }),
        // Where no tax is due or several rates meet, stars or a word stand for the amount.
        Kind::Money if text.trim().chars().all(|c| c == '*') && text.contains('*') => {
            Some(Read { value: Value::Text("***".to_owned()), from: 0, to: text.len(), checked: None })
        }
        Kind::Money => money(text),
        Kind::MoneyInBoxes => matched(&DIGITS, text, |found| {
            // A nought in the first box is no figure of an amount.
            let fen = dense(found);
            let amount =
                Decimal::new(fen.parse().ok().filter(|_| fen.len() > 2 && !fen.starts_with('0'))?, 2);
            Some((Value::Money(Money::yuan(amount)), None))
        }),
        Kind::MoneyAbroad => abroad(text),
        Kind::Words => matched(&WORDS, text, |found| {
            // Kept as printed; whoever compares it with figures reads it again.
            words::parse(found).ok()?;
            Some((Value::Text(dense(found)), None))
        }),
        Kind::Date => {
            // One that can be read in two ways is the one that stands there: no other is meant.
            let is_day = |found: &regex::Match| date::parse_day(found.as_str()).is_some();
            let is_open = |found: &regex::Match| found.as_str().contains(['-', '.', '/']) && year_last(found);
            let found = DATE.as_ref()?.find_iter(text).find(|found| is_day(found) || is_open(found))?;
            let value = Value::Date(date::parse_day(found.as_str())?);
            Some(Read { value, from: found.start(), to: found.end(), checked: None })
        }
        Kind::Period => period(text),
        Kind::Amount => {
            let Figures { amount, unit, from, to } = figures(text)?;
            let value = Value::Money(Money::in_unit(amount, unit?)?);
            Some(Read { value, from, to, checked: None })
        }
        Kind::Number => number(text),
        Kind::YesNo => yes_no(text),
        Kind::Texts => name(&Kind::Text, text),
        Kind::Choice => None,
    }
}

/// From the first to the last of two days or months that a text says and nothing else, or its month. A day alone is
/// none.
fn period(text: &str) -> Option<Read> {
    let days =
        DATE.as_ref()?.find_iter(text).filter_map(|found| Some((date::parse_day(found.as_str())?, found)));
    let days: Vec<_> = days.collect();
    let (period, from, to) = match days.as_slice() {
        [(first, found), (last, end)] => (Period::new(*first, *last)?, found.start(), end.end()),
        [] => {
            let months =
                text.split(['至', '到', '~', '—', '–', '～']).map(month).collect::<Option<Vec<_>>>()?;
            let (first, last) = (months.first()?, months.last().filter(|_| months.len() < 3)?);
            (Period::new(first.from, last.to)?, 0, text.len())
        }
        _ => return None,
    };
    Some(Read { value: Value::Period(period), from, to, checked: None })
}

/// A text that is a month.
fn month(text: &str) -> Option<Period> {
    static MONTH: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r"^\s*(20\d{2})\s*(?:年|[-./])?\s*(\d{1,2})\s*月?\s*$"));
    let found = MONTH.as_ref()?.captures(text)?;
    Period::month(found[1].parse().ok()?, found[2].parse().ok()?)
}

/// The first word of letters and figures. One without figures is no code, and what stands behind it is a part of
/// one, or another's; a day is none either.
fn numbered(text: &str) -> Option<Read> {
    let found = CODE.as_ref()?.find(text)?;
    let word = found.as_str();
    let is_day = word.contains(['-', '.', '/']) && date::parse_day(word).is_some();
    if is_day || !word.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(Read { value: Value::Code(word.to_owned()), from: found.start(), to: found.end(), checked: None })
}

/// Figures of an amount in any currency, with what stands beside them.
static ABROAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?P<sign>-?)\s?(?P<currency>[$€£¥₹]|(?:US|HK|S|A|C)\$|USD|EUR|GBP|INR|HKD|SGD|JPY|CHF|MYR|RM|Rs\.?)?\s?-?(?P<figures>\d{1,3}(?: \d{3})+[.,]\d{2}|\d+(?:[.,'’]\d+)*)\s?(?P<behind>[€£]|[A-Z]{3}\b)?",
    )
});

/// An amount with a point or a comma before its two decimals, and the other sign between groups of three. One
/// without decimals counts where its currency stands beside it.
fn abroad(text: &str) -> Option<Read> {
    let is_share = |found: &regex::Captures| {
        let end = found.name("figures").map_or(0, |figures| figures.end());
        text.get(end..).is_some_and(|behind| behind.trim_start().starts_with('%'))
    };
    ABROAD.as_ref()?.captures_iter(text).filter(|found| !is_share(found)).find_map(|found| {
        let figures = found.name("figures")?;
        let has_currency = found.name("currency").is_some() || found.name("behind").is_some();
        let is_yen = found.name("currency").is_some_and(|sign| ["¥", "JPY"].contains(&sign.as_str()));
        let (whole, decimals) = match figures.as_str().rsplit_once(['.', ',']) {
            Some((whole, decimals)) if decimals.len() == 2 => (whole, decimals),
            // Two groups of three behind one kind of sign have no decimals, nor has one of yen behind a comma.
            Some((whole, group)) if group.len() == 3 => {
                let signs: Vec<char> = figures.as_str().chars().filter(|c| !c.is_ascii_digit()).collect();
                let is_alike = signs.iter().all(|sign| *sign == signs[0]);
                let is_whole = is_alike && (whole.contains([',', '.']) || is_yen && signs == [',']);
                is_whole.then_some((figures.as_str(), "0"))?
            }
            None if has_currency => (figures.as_str(), "0"),
            _ => return None,
        };
        let sign = figures.as_str().get(whole.len()..).and_then(|rest| rest.chars().next());
        let groups: Vec<&str> = whole.split(['.', ',', '\'', '’', ' ']).collect();
        let is_sign_of_groups = whole.chars().filter(|c| !c.is_ascii_digit()).all(|c| Some(c) != sign);
        let well_grouped = groups.len() == 1
            || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
        if !is_sign_of_groups || !well_grouped || groups[0].len() > 1 && groups[0].starts_with('0') {
            return None;
        }
        let mut amount: Decimal = format!("{}.{decimals}", groups.concat()).parse().ok()?;
        let before = text.get(..figures.start()).unwrap_or_default().trim_end();
        // Credits are printed with a sign on either side, or in brackets.
        let behind = text.get(figures.end()..)?;
        let in_brackets =
            text.get(..found.get(0)?.start())?.ends_with('(') && behind.trim_start().starts_with(')');
        // Behind yen a stroke ends the amount, so that nothing can be added to it.
        let is_behind = behind.trim_end() == "-" && !is_yen;
        let is_credit = found["sign"] == *"-" || before.ends_with('-') || is_behind || in_brackets;
        amount.set_sign_negative(is_credit);
        let value = Value::Money(Money::yuan(money::plausible(amount)?));
        // Figures behind a gap may be of the same amount, or of another: of two nobody knows which is meant.
        let is_alone = has_currency || !behind.trim_start().starts_with(|c: char| c.is_ascii_digit());
        Some(is_alone.then(|| Read { value, from: figures.start(), to: figures.end(), checked: None }))
    })?
}

/// Whether a date in figures ends with its year.
fn year_last(found: &regex::Match) -> bool {
    (1..=2).contains(&found.as_str().bytes().take_while(u8::is_ascii_digit).count())
}

/// An amount as it stands, and the unit right behind it.
pub(super) struct Figures {
    /// In the unit.
    pub amount: Decimal,
    /// One of [`money::UNITS`]; `None` where none stands behind it.
    pub unit: Option<&'static str>,
    /// Which bytes of the text the amount was read from.
    pub from: usize,
    /// End of those bytes.
    pub to: usize,
}

/// The first amount of a text, whatever unit it may be in.
pub(super) fn figures(text: &str) -> Option<Figures> {
    let Read { value: Value::Money(money), from, to, .. } = money(text)? else { return None };
    let behind = text.get(to..)?.trim_start();
    let unit = money::UNITS.iter().map(|(name, _)| *name).find(|name| behind.starts_with(name));
    Some(Figures { amount: money.yuan, unit, from, to })
}

/// A count: `300`, `1,200 人`, `12.5万台`.
fn number(text: &str) -> Option<Read> {
    let Read { value: Value::Money(money), from, to, .. } = money(text)? else { return None };
    let behind = text.get(to..)?.trim_start();
    let times = [("万", 10_000), ("亿", 100_000_000)].into_iter().find(|(name, _)| behind.starts_with(name));
    let count = money.yuan.checked_mul(times.map_or(1, |(_, times)| times).into())?;
    Some(Read { value: Value::Number(count.normalize()), from, to, checked: None })
}

fn yes_no(text: &str) -> Option<Read> {
    const WORDS: &[(&str, bool)] = &[
        ("否", false),
        ("不", false),
        ("无", false),
        ("未", false),
        ("是", true),
        ("有", true),
        ("已", true),
        ("仍", true),
    ];
    let plain = text.trim_start();
    let (word, yes) = WORDS.iter().find(|(word, _)| plain.starts_with(word))?;
    let from = text.len() - plain.len();
    Some(Read { value: Value::Bool(*yes), from, to: from + word.len(), checked: None })
}

fn money(text: &str) -> Option<Read> {
    MONEY.as_ref()?.find_iter(text).find_map(|found| {
        let (from, figures) = (found.start(), found.as_str());
        // A share of an amount is none.
        let is_share = text[found.end()..].trim_start().starts_with('%');
        if is_share || HEADLESS.as_ref()?.is_match(figures) || LETTER.as_ref()?.is_match(&text[..from]) {
            return None;
        }
        let whole = || grouped(figures).filter(|(_, sign)| *sign == ".").map(|(figures, _)| figures);
        let amount = money::parse_figures(figures).or_else(|| money::parse_figures(&whole()?))?;
        let value = Value::Money(Money::yuan(amount));
        Some(Read { value, from, to: found.end(), checked: None })
    })
}

fn matched(
    pattern: &LazyLock<Option<Regex>>,
    text: &str,
    value: impl Fn(&str) -> Option<(Value, Option<bool>)>,
) -> Option<Read> {
    pattern.as_ref()?.find_iter(text).find_map(|found| {
        let (value, checked) = value(found.as_str())?;
        Some(Read { value, from: found.start(), to: found.end(), checked })
    })
}

/// A number printed twice side by side is one number; one printed in groups is one as well.
fn digits(lengths: &[usize], text: &str) -> Option<Read> {
    DIGITS.as_ref()?.find_iter(text).find_map(|found| {
        let whole = dense(found.as_str());
        if lengths.contains(&whole.len()) {
            return Some(Read {
                value: Value::Code(whole),
                from: found.start(),
                to: found.end(),
                checked: None,
            });
        }
        let first = found.as_str().split_whitespace().find(|part| lengths.contains(&part.len()))?;
        let from = found.start() + found.as_str().find(first)?;
        Some(Read { value: Value::Code(first.to_owned()), from, to: from + first.len(), checked: None })
    })
}

fn name(kind: &Kind, text: &str) -> Option<Read> {
    let ends = |c: char| c.is_whitespace() || ":|*_☑☐□■√".contains(c);
    let plain = text.trim_matches(ends);
    // Invoices print the category of an item between stars: *软件*生产管控系统.
    let starred = text.trim_end_matches(ends).trim_start_matches(|c| c != '*' && ends(c));
    let trimmed = if plain.contains('*') { starred } else { plain };
    let trimmed = if *kind == Kind::Organisation { organisation(trimmed)? } else { trimmed };
    let from = text.find(trimmed)?;
    let letters = trimmed.chars().filter(|c| c.is_alphabetic()).count();
    let least = match kind {
        Kind::Organisation => 4,
        _ => 2,
    };
    // Running text may be all digits; a name may not.
    let enough = if *kind == Kind::Text { !trimmed.is_empty() } else { letters >= least };
    if !enough {
        return None;
    }
    let value = Value::Text(tidy(trimmed));
    Some(Read { value, from, to: from + trimmed.len(), checked: None })
}

/// A name without the label in front of it, from which a recogniser saw no gap, and without the figures behind
/// it, which are an account or a code from the row below. A sentence is none, nor is what breaks off.
fn organisation(text: &str) -> Option<&str> {
    if !text.chars().any(is_han) {
        // A sentence goes on behind what looks like a label in it; a name has a capital letter, if not its first.
        return text.chars().any(char::is_uppercase).then_some(text);
    }
    let name = match text.split_once(':') {
        None => text,
        // A word or two; what is longer, or is a name by itself, has another label behind it.
        Some((label, name)) => {
            let is_label = label.chars().count() <= LABEL && !label.contains(char::is_whitespace);
            let is_name = ["公司", "厂", "院", "所", "集团", "中心"].iter().any(|end| label.ends_with(end));
            if !is_label || is_name || name.contains(':') {
                return None;
            }
            name
        }
    };
    let is_sentence = name.contains([',', ';', '。', '、', '!', '?']);
    let breaks_off = ["有限", "有限公", "有限责任", "股份"].iter().any(|end| name.trim_end().ends_with(end));
    // What kind of firm it is alone is what is left of a name.
    let is_form = FORMS.contains(&name.trim());
    (!is_sentence && !breaks_off && !is_form).then(|| without_figures(name.trim()))
}

/// What names of firms end with.
const FORMS: [&str; 6] = ["公司", "有限公司", "责任公司", "有限责任公司", "股份公司", "股份有限公司"];

/// So long is a label at most that ran into a name.
const LABEL: usize = 6;

fn without_figures(name: &str) -> &str {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let is_chinese = bare.ends_with(|c: char| is_han(c) || c == ')');
    if is_chinese && name.len() - bare.len() >= FIGURES { bare } else { name }
}

/// So many figures behind a name are none of it.
const FIGURES: usize = 6;

/// White space goes between Chinese characters and stays between Latin words; brackets round
/// Chinese text become Chinese brackets again, as they are printed.
pub(super) fn tidy(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
    // Co., Ltd. is printed with its white space.
    let ends = |c: Option<&char>| latin(c) || c.is_some_and(|c| ",.&".contains(*c));
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        if c.is_whitespace() {
            let before = at.checked_sub(1).and_then(|i| chars.get(i));
            let after = chars.get(at + 1);
            if ends(before) && (latin(after) || after == Some(&'&')) {
                out.push(' ');
            }
        } else {
            out.push(*c);
        }
    }
    if out.chars().any(is_han) {
        out = out.replace('(', "（").replace(')', "）");
    }
    out
}

/// Reads a second engine's characters as the same kind of value as a first reading.
#[must_use]
pub fn reread_as(first: &Value, text: &str) -> Option<Value> {
    let kind = match first {
        Value::Money(_) | Value::Number(_) => Kind::Money,
        Value::Date(_) => Kind::Date,
        Value::Code(code) if code.len() == 18 => Kind::Uscc,
        Value::Code(code) => Kind::Digits(vec![code.len()]),
        _ => return None,
    };
    if let Value::Money(_) = first {
        return whole_amount(text);
    }
    // A second engine that was told to read digits only drops 年月日; the digits still have to agree.
    if let Value::Date(day) = first
        && date::parse_day(text).is_none()
    {
        // Seven digits could be two dates (1月11日, 11月1日) and settle nothing.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let agrees = digits.len() != 7
            && ["%Y%m%d", "%Y%-m%-d"].iter().any(|form| day.format(form).to_string() == digits);
        return agrees.then(|| first.clone());
    }
    // Read as digits only, a code with letters comes out wrong; its check digit tells.
    read(&kind, text).filter(|read| read.checked != Some(false)).map(|read| read.value)
}

/// Groups of three and two decimals as plain figures, and the sign before the decimals. Engines mix up
/// points and commas of small print, and overlook them.
fn grouped(text: &str) -> Option<(String, &str)> {
    let (_, [groups, sign, decimals]) = GROUPED.as_ref()?.captures(text)?.extract();
    Some((format!("{}.{decimals}", groups.replace([',', '.'], "")), sign))
}

/// The amount that a text is, from its first character to its last.
fn whole_amount(text: &str) -> Option<Value> {
    let dense = dense(text);
    let bare = dense.trim_start_matches(['¥', '￥', '$', ':', '：']).trim_end_matches(['元', '.', ',', ':']);
    let figures = grouped(bare).map_or_else(|| bare.to_owned(), |(figures, _)| figures);
    let found = read(&Kind::Money, &figures)?;
    (found.from == 0 && found.to == figures.len()).then_some(found.value)
}

/// An amount as a value.
pub(super) fn amount(yuan: Decimal) -> Value {
    Value::Money(Money::yuan(yuan))
}
