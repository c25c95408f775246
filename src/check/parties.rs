//! Whether a seller is the applicant under another name, or close to it: one legal representative, one
//! address, trade both ways, one distinctive word in their names.

use std::{collections::BTreeMap, sync::Arc};

use rust_decimal::Decimal;

use crate::model::value::Value;

use super::{
    index::Index,
    names::{folded, stem},
    patterns::{cell, record, sure, sure_text},
    values::{Cell, Node},
};

/// Words of so many characters are shared by firms that have nothing to do with each other.
const COMMON: usize = 2;
/// An address of fewer characters names no house.
const ADDRESS: usize = 8;

/// A seller with the invoices it issued to the applicant.
struct Seller<'a> {
    name: String,
    code: Option<String>,
    invoices: Vec<&'a Arc<Node>>,
}

/// What brings sellers close to the applicant, once for each sign: `seller`, `by` (`itself`,
/// `representative`, `address`, `trade`, `name`), what was `found` and the applicant's `own`, and whether it
/// is a word that many share (`common`). Only what was read surely counts.
pub(super) fn related_sellers(case: &Index) -> Vec<Arc<Node>> {
    let mut found = Vec::new();
    for seller in sellers(case) {
        let Some(first) = seller.invoices.first() else { continue };
        let Some(named) = first.fields.get("seller_name") else { continue };
        let signs = [itself(case, &seller), from_licence(case, &seller, "representative")];
        let more = [from_licence(case, &seller, "address"), trade(case, &seller), name(case, &seller)];
        let mut signs: Vec<Sign> = signs.into_iter().chain(more).flatten().collect();
        // Of the applicant itself everything is the same.
        if signs.first().is_some_and(|sign| sign.by == "itself") {
            signs.truncate(1);
        }
        for Sign { by, found: shown, own, common } in signs {
            let fields = [
                ("seller", named.clone()),
                ("by", cell(Value::Text(by.to_owned()))),
                ("found", shown),
                ("own", own),
                ("common", cell(Value::Bool(common))),
            ];
            let invoices = seller.invoices.iter().map(|one| Arc::clone(one)).collect();
            found.push(record(case, "related_seller", fields, invoices));
        }
    }
    found
}

/// Something that two firms have in common: the seller's and the applicant's.
struct Sign {
    by: &'static str,
    found: Cell,
    own: Cell,
    common: bool,
}

/// Who sold to the applicant. Red letters are no sale.
fn sellers(case: &Index) -> Vec<Seller<'_>> {
    let mut sellers: BTreeMap<String, Seller<'_>> = BTreeMap::new();
    for invoice in case.of("vat_invoice").filter(|invoice| !is_red(invoice)) {
        let text = |field| sure_text(case, invoice, field);
        let bought = is_applicant(case, invoice, "buyer_name", "buyer_tax_id");
        let (Some(name), true) = (text("seller_name"), bought) else { continue };
        let code = text("seller_tax_id");
        let key = code.clone().unwrap_or_else(|| name.clone());
        let seller = sellers.entry(key).or_insert_with(|| Seller { name, code, invoices: Vec::new() });
        seller.invoices.push(invoice);
    }
    sellers.into_values().collect()
}

fn is_red(invoice: &Node) -> bool {
    let gross = invoice.fields.get("gross").and_then(|cell| cell.value.as_ref());
    matches!(gross, Some(Value::Money(money)) if money.yuan < Decimal::ZERO)
}

/// Whether a party of a paper is the applicant, as far as was surely read.
fn is_applicant(case: &Index, paper: &Node, name: &str, code: &str) -> bool {
    let Some(name) = sure_text(case, paper, name) else { return false };
    let code = sure_text(case, paper, code).unwrap_or_default();
    case.party(&name, &code).is_ok_and(|who| who == "same")
}

fn itself(case: &Index, seller: &Seller<'_>) -> Option<Sign> {
    let invoice = seller.invoices.first()?;
    let own = applicant(case)?.fields.get("name")?.clone();
    let found = invoice.fields.get("seller_name")?.clone();
    is_applicant(case, invoice, "seller_name", "seller_tax_id").then_some(Sign {
        by: "itself",
        found,
        own,
        common: false,
    })
}

fn applicant(case: &Index) -> Option<&Arc<Node>> {
    case.declaration.groups.get("applicant")
}

/// What the seller's own licence, where it was handed in, shares with what the applicant declares.
fn from_licence(case: &Index, seller: &Seller<'_>, by: &'static str) -> Option<Sign> {
    let field = if by == "address" { "domicile" } else { "legal_representative" };
    let licence = case.of("business_licence").find(|licence| {
        let code = sure_text(case, licence, "uscc");
        let name = sure_text(case, licence, "name");
        code.is_some() && code == seller.code || name.as_ref() == Some(&seller.name)
    })?;
    let own = applicant(case)?;
    let (theirs, ours) = (sure_text(case, licence, field)?, sure_text(case, own, field)?);
    let same = if by == "address" { same_address(&theirs, &ours) } else { theirs == ours };
    let cells = (licence.fields.get(field)?.clone(), own.fields.get(field)?.clone());
    same.then_some(Sign { by, found: cells.0, own: cells.1, common: false })
}

/// Whether two addresses are one; the province and the city in front are often left out.
fn same_address(a: &str, b: &str) -> bool {
    let (long, short) = if a.chars().count() < b.chars().count() { (b, a) } else { (a, b) };
    short.chars().count() >= ADDRESS && short.contains(char::is_numeric) && long.ends_with(short)
}

/// An invoice by which the applicant sold to its seller.
fn trade(case: &Index, seller: &Seller<'_>) -> Option<Sign> {
    let back = case.of("vat_invoice").find(|invoice| {
        let code = sure_text(case, invoice, "buyer_tax_id");
        let name = sure_text(case, invoice, "buyer_name");
        let to_seller = code.is_some() && code == seller.code || name.as_ref() == Some(&seller.name);
        to_seller && !is_red(invoice) && is_applicant(case, invoice, "seller_name", "seller_tax_id")
    })?;
    Some(Sign {
        by: "trade",
        found: back.fields.get("buyer_name")?.clone(),
        own: back.fields.get("seller_name")?.clone(),
        common: false,
    })
}

/// Whether a firm that is not the applicant bears its distinctive word, which is no common one.
pub(super) fn bears_our_word(case: &Index, firm: &str) -> bool {
    let Some(ours) = applicant(case).and_then(|own| text(case, own)) else { return false };
    let ours = stem(&ours, &case.counties);
    stem(firm, &case.counties) == ours && ours.chars().count() > COMMON
}

fn name(case: &Index, seller: &Seller<'_>) -> Option<Sign> {
    let own = applicant(case)?;
    let (theirs, ours) = (stem(&seller.name, &case.counties), stem(&text(case, own)?, &case.counties));
    let common = ours.chars().count() <= COMMON;
    let cells =
        (seller.invoices.first()?.fields.get("seller_name")?.clone(), own.fields.get("name")?.clone());
    (theirs == ours && ours.chars().count() >= COMMON).then_some(Sign {
        by: "name",
        found: cells.0,
        own: cells.1,
        common,
    })
}

fn text(case: &Index, applicant: &Node) -> Option<String> {
    match sure(case, applicant, "name")? {
        Value::Text(name) => Some(folded(name)),
        _ => None,
    }
}
