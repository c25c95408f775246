//! The words and marks that all reports share: outcomes, severities, amounts.

use rust_decimal::Decimal;

use crate::model::{
    case::Examination,
    finding::{Finding, Outcome, Severity, Shown},
    value::{Value, money},
};

use super::Lang;

/// A mark that tells outcomes apart without colour.
pub(super) const fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✓",
        Outcome::Fail => "✗",
        Outcome::ManualReview => "?",
        Outcome::MissingEvidence => "○",
        Outcome::NotApplicable => "–",
    }
}

/// The outcome in words.
#[must_use]
pub const fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Pass => lang.of("符合", "pass"),
        Outcome::Fail => lang.of("不符", "fail"),
        Outcome::ManualReview => lang.of("待人工复核", "needs review"),
        Outcome::MissingEvidence => lang.of("缺少材料", "evidence missing"),
        Outcome::NotApplicable => lang.of("不适用", "not applicable"),
    }
}

/// The severity in words.
#[must_use]
pub const fn severity(severity: Severity, lang: Lang) -> &'static str {
    match severity {
        Severity::High => lang.of("重要", "high"),
        Severity::Medium => lang.of("一般", "medium"),
        Severity::Low => lang.of("轻微", "low"),
        Severity::Info => lang.of("提示", "info"),
    }
}

/// Outcomes, worst first.
pub(super) const WORST_FIRST: [Outcome; 5] =
    [Outcome::Fail, Outcome::MissingEvidence, Outcome::ManualReview, Outcome::Pass, Outcome::NotApplicable];

/// How many findings ended so.
pub(super) fn count(case: &Examination, outcome: Outcome) -> usize {
    case.findings.iter().filter(|finding| finding.outcome == outcome).count()
}

/// Whether a reviewer has something to do about it.
pub(super) const fn is_open(finding: &Finding) -> bool {
    !matches!(finding.outcome, Outcome::Pass | Outcome::NotApplicable)
}

/// The findings that need a look: worst first, then the gravest, then in the order of the pack.
pub(super) fn open(case: &Examination) -> Vec<&Finding> {
    let mut open: Vec<&Finding> = case.findings.iter().filter(|finding| is_open(finding)).collect();
    open.sort_by_key(|finding| std::cmp::Reverse((finding.outcome, finding.severity)));
    open
}

/// What a case is called: its applicant, else its folder.
pub(super) fn title(case: &Examination) -> &str {
    case.applicant_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&case.name)
}

/// A plain decimal with a comma between groups of three; any other text as it is.
pub(super) fn grouped(plain: &str) -> String {
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", plain),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return plain.to_owned();
    }
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A shown value in words: amounts grouped and with their unit.
pub(super) fn shown(value: &Shown) -> String {
    match &value.unit {
        Some(unit) => format!("{} {unit}", grouped(&value.value)),
        None => value.value.clone(),
    }
}

/// A value in words: amounts grouped, everything else in wire form.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Money(amount) => grouped(&amount.wire()),
        other => other.wire(),
    }
}

/// An amount of yuan in words.
pub(super) fn yuan(amount: Decimal) -> String {
    format!("{} 元", grouped(&money::wire(amount)))
}

/// A difference in words; its sign is always there.
pub(super) fn difference(amount: Decimal) -> String {
    let plus = if amount > Decimal::ZERO { "+" } else { "" };
    format!("{plus}{}", yuan(amount))
}

/// The same amount in 万元, which is how reviewers speak of it; `None` below one.
pub(super) fn in_wan(amount: Decimal) -> Option<String> {
    let wan = Decimal::from(10_000);
    (amount.abs() >= wan).then(|| format!("{} 万元", grouped(&money::wire((amount / wan).round_dp(4)))))
}
