//! Workbooks: every sheet, cell by cell, as a person sees it, and what a person does not see: hidden
//! sheets, rows and columns, values under merged cells, and in xlsx and ods cells whose style shows
//! nothing.
//!
//! Formulas are not computed: what the writing program stored as their value counts. Sums are added
//! up again, see [`sums`], because a stored value may be older than the cells it was made of.

mod biff;
mod concealed;
mod excel2003;
mod grid;
mod html;
mod html_tag;
mod looks;
mod ods;
mod sums;
mod xls;
mod xlsb;
mod xlsx;

pub(super) use excel2003::{claims as claims_xml, read as xml};
pub(super) use html::{claims as claims_html, read as html};
pub(super) use ods::read as ods;
pub(super) use xls::read as xls;
pub(super) use xlsb::read as xlsb;
pub(super) use xlsx::read as xlsx;

use calamine::{DataRef, ExcelDateTime};
use grid::{Found, Left};

use super::{Content, cell};
use crate::model::{
    limits::Limits,
    page::{Cell, Sheet},
    problem::Problem,
};

/// Makes content of what was found, with everything there is to say of it.
fn settle(found: Vec<Found>, left: &Left, limits: &Limits, content: &mut Content) {
    content.problems.extend(left.problem(limits));
    let settle = |mut found: Found| (std::mem::take(&mut found.unseen), found.settled());
    let (unseen, settled): (Vec<_>, Vec<(Sheet, Vec<grid::Formula>)>) = found.into_iter().map(settle).unzip();
    let mut steps = limits.formula_steps;
    for ((sheet, formulas), unseen) in settled.iter().zip(&unseen) {
        content.problems.extend(concealed::problems(sheet, unseen, &mut steps));
        content.problems.extend(sums::without_value(sheet, formulas));
    }
    content.problems.extend(sums::differing(&settled, limits));
    content.sheets.extend(settled.into_iter().map(|(sheet, _)| sheet));
    if content.sheets.is_empty() && content.problems.is_empty() {
        content.problems.push(unreadable(None, "no sheet"));
    }
}

/// A cell as calamine gives it.
fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => cell::from_decimal(&number.to_string()),
        DataRef::Float(number) => cell::from_float(*number),
        DataRef::String(text) => cell::from_text(text),
        DataRef::SharedString(text) => cell::from_text(text),
        DataRef::Bool(value) => cell::from_bool(*value),
        DataRef::DateTime(moment) => date(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cell::from_iso(text),
        DataRef::Error(error) => cell::from_error(&error.to_string()),
        DataRef::Empty => Cell::default(),
    }
}

/// A date; a span of time stays the number it is, and a time of day without a date is shown as one.
fn date(moment: &ExcelDateTime) -> Cell {
    let days = moment.as_f64();
    // The last day that has a date is 9999-12-31; calamine would give that day for all beyond.
    if !moment.is_datetime() || !(0.0..2_958_466.0).contains(&days) {
        return cell::from_float(days);
    }
    match moment_of(moment) {
        Some(found) if days < 1.0 => cell::from_text(&found.format("%H:%M:%S").to_string()),
        Some(found) => cell::from_moment(found),
        None => cell::from_float(days),
    }
}

/// Calamine counts days from 1900 or 1904 as the workbook says.
fn moment_of(moment: &ExcelDateTime) -> Option<chrono::NaiveDateTime> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    chrono::NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?.and_hms_milli_opt(
        u32::from(hour),
        u32::from(minute),
        u32::from(second),
        u32::from(milli),
    )
}

/// The bytes of text a value of calamine would add.
fn length(value: &DataRef<'_>) -> usize {
    match value {
        DataRef::SharedString(text) => text.len(),
        DataRef::String(text) => text.len(),
        _ => 0,
    }
}

fn too_many_sheets(found: usize, allowed: usize) -> Problem {
    Problem::new(
        "too-many-sheets",
        format!("工作簿有 {found} 张工作表，只读取前 {allowed} 张；请拆分后提交"),
        format!("the workbook has {found} sheets, only the first {allowed} were read; split it"),
    )
}

/// The workbook cannot be opened without its password.
pub(super) fn encrypted() -> Problem {
    Problem::new(
        "workbook-encrypted",
        "文件设有打开密码，内容未能读取；请取消打开密码（文件—信息—保护工作簿）后重新提交",
        "the file needs a password to be opened and nothing was read; remove the password and hand it in again",
    )
}

fn unreadable(sheet: Option<&str>, why: &str) -> Problem {
    let (zh, en) =
        sheet.map_or_else(Default::default, |name| (format!("工作表“{name}”"), format!("sheet {name}: ")));
    Problem::new(
        "workbook-unreadable",
        format!("{zh}电子表格已损坏，无法读取（{why}）；请用表格软件重新另存为 xlsx 后提交"),
        format!(
            "{en}the workbook is damaged and cannot be read ({why}); save it again as xlsx and hand that in"
        ),
    )
}
