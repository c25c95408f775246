//! Numbers that do not go with what stands beside them (domain.md, sections 4.1 and 4.2).

use chrono::{Datelike, NaiveDate};

use crate::model::value::code;

use super::{index::Index, names::folded, values::Node};

/// A code may be printed on forms for so many years after the year in it.
const OLDEST: i32 = 3;

/// What speaks against an invoice's number or the numbers of its parties: `year` for a number of another year
/// than the invoice's, `early` for a digital number from before there were any, `tax_id` for a wrong check
/// character, and nothing where nothing does. What was not read, or not surely, is left to others.
pub(super) fn trouble(case: &Index, invoice: &Node, digital_from: NaiveDate) -> &'static str {
    if let (Ok(number), Ok(day)) = (invoice.text("invoice_number"), invoice.day("issued_on")) {
        let number = folded(number);
        if number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            if two_digits(&number, 0) != Some(day.year() % 100) {
                return "year";
            }
            if day < digital_from {
                return "early";
            }
        } else if let Some(printed) = invoice.text("invoice_code").ok().and_then(year_of_code)
            && !(day.year() - OLDEST..=day.year()).contains(&(2000 + printed))
        {
            return "year";
        }
    }
    let wrong = ["buyer_tax_id", "seller_tax_id"].into_iter().any(|field| {
        let code = invoice.text(field).map(folded).unwrap_or_default();
        case.is_sure(invoice, field) && code::is_miswritten(&code)
    });
    if wrong { "tax_id" } else { "" }
}

/// The year in a code of ten digits. Codes of twelve digits do not all keep to it.
fn year_of_code(code: &str) -> Option<i32> {
    let code = folded(code);
    (code.len() == 10).then(|| two_digits(&code, 4))?
}

fn two_digits(number: &str, at: usize) -> Option<i32> {
    number.get(at..at + 2)?.parse().ok()
}

/// Whether an invoice's number is of another region than its seller's credit code. Firms move, and digital
/// invoices may be issued by a head office.
pub(super) fn region_differs(invoice: &Node) -> bool {
    let text = |field: &str| invoice.text(field).map(folded).unwrap_or_default();
    let (number, code, seller) = (text("invoice_number"), text("invoice_code"), text("seller_tax_id"));
    let region = match (number.len(), code.len()) {
        (20, _) => number.get(2..4),
        (_, 10) => code.get(0..2),
        (_, 12) => code.get(1..3),
        _ => None,
    };
    // Five cities that plan for themselves number for themselves; a national registration is of no region.
    let is_city = region.is_some_and(|region| matches!(region, "91" | "92" | "93" | "94" | "95"));
    let own = seller.get(2..4).filter(|own| seller.len() == 18 && *own != "10");
    !is_city && region.zip(own).is_some_and(|(region, own)| region != own)
}
