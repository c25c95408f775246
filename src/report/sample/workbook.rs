//! The worksheet as an xlsx workbook, laid out as `sample::worksheet` reads it back.

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatBorder,
    ProtectionOptions, Workbook, Worksheet, XlsxError,
};

use crate::{
    model::case::MadeWith,
    report::{Lang, ReportError},
    sample::{
        Item, Method, Sample,
        worksheet::{
            ANSWER, APART, BOOK, CERTAIN, COLUMNS, HELP, Head, PLAN, POPULATION, REMARK, SAMPLE, answer,
        },
    },
};

use super::{plan, reason};

/// What to do, line by line.
const INSTRUCTIONS: &[&str] = &[
    "1. 在“样本 Sample”工作表中逐项审查：按“文件”和“位置”找到原件，核对该项目。",
    "   Examine each item of the sheet Sample: file and place say where it stands.",
    "2. 货币单元抽样：在“审定金额”填写应有的金额（元）；与账面一致的也要填写，全部剔除的填 0。",
    "   Monetary-unit sampling: fill in the audited amount in yuan, also where it is as booked; 0 where nothing of it stands.",
    "3. 随机抽样：在“是否不符”填写“是”或“否”。",
    "   Random sampling: fill in 是 (yes) where the item deviates and 否 (no) where it does not.",
    "4. 尚未审查的留空；有留空的项目时不出结论。",
    "   Leave empty what was not examined; there is no conclusion while anything is empty.",
    "5. 其他单元格请勿改动；备注可自由填写；取消工作表保护（无密码）后行可以排序。",
    "   Change no other cell. Remarks are free. Rows may be sorted once the sheet's protection, which has no password, is lifted.",
    "6. 填写后运行：heyan sample --evaluate 本文件.xlsx",
    "   Then run: heyan sample --evaluate THIS_FILE.xlsx",
];

struct Formats {
    head: Format,
    text: Format,
    amount: Format,
    open_text: Format,
    open_amount: Format,
}

/// Writes the workbook. The same sample gives the same bytes.
///
/// # Errors
///
/// Where the writer refuses, as with more rows than a sheet has.
pub fn workbook(sample: &Sample, head: &Head, made_with: &MadeWith) -> Result<Vec<u8>, ReportError> {
    Ok(written(sample, head, made_with)?)
}

fn written(sample: &Sample, head: &Head, made_with: &MadeWith) -> Result<Vec<u8>, XlsxError> {
    let cell = || Format::new().set_border(FormatBorder::Thin);
    let open = || cell().set_unlocked().set_background_color("FFF9DB");
    let formats = Formats {
        head: cell().set_bold().set_background_color("D9E2EC").set_text_wrap(),
        text: cell().set_num_format("@"),
        amount: cell().set_num_format("#,##0.00"),
        open_text: open().set_num_format("@").set_text_wrap(),
        open_amount: open().set_num_format("#,##0.00"),
    };
    let mut workbook = Workbook::new();
    // The moment of writing is no part of the sample.
    let moment = ExcelDateTime::from_ymd(2023, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&moment));
    workbook.push_worksheet(plan_sheet(sample, head, made_with, &formats)?);
    workbook.push_worksheet(sample_sheet(sample, &formats)?);
    workbook.push_worksheet(population_sheet(sample, &formats)?);
    workbook.push_worksheet(apart_sheet(sample, &formats)?);
    let mut help = Worksheet::new();
    help.set_name(HELP)?.set_column_width(0, 110)?;
    for (row, line) in (0..).zip(INSTRUCTIONS) {
        help.write_string(row, 0, *line)?;
    }
    workbook.push_worksheet(help);
    workbook.save_to_buffer()
}

fn plan_sheet(
    sample: &Sample,
    head: &Head,
    made_with: &MadeWith,
    formats: &Formats,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(PLAN)?;
    for (column, (heading, width)) in
        (0..).zip([("项目 Key", 20.0), ("参数", 36.0), ("Parameter", 36.0), ("值 Value", 70.0)])
    {
        sheet.set_column_width(column, width)?.write_string_with_format(0, column, heading, &formats.head)?;
    }
    for (row, (key, zh, en, value)) in (1..).zip(plan(sample, head, made_with)) {
        for (column, text) in (0..).zip([key, zh, en, &value]) {
            sheet.write_string_with_format(row, column, text, &formats.text)?;
        }
    }
    protect(&mut sheet);
    Ok(sheet)
}

fn sample_sheet(sample: &Sample, formats: &Formats) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(SAMPLE)?;
    let fill = answer(sample.order.method);
    headings(&mut sheet, COLUMNS.iter().chain([&CERTAIN, &fill, &REMARK]).copied(), formats)?;
    let (certain, column) = (place(COLUMNS.len()), place(ANSWER));
    let mut last = 0;
    for (row, number) in (1..).zip(&sample.drawn) {
        let Some(item) = sample.population.items.get(number - 1) else { continue };
        line(&mut sheet, row, Some(*number), item, Some(item.book), formats)?;
        let mark = if sample.plan.whole || sample.is_certain(item.book) { "是 yes" } else { "" };
        sheet.write_string_with_format(row, certain, mark, &formats.text)?;
        let format =
            if sample.order.method == Method::Mus { &formats.open_amount } else { &formats.open_text };
        sheet.write_blank(row, column, format)?.write_blank(row, column + 1, &formats.open_text)?;
        last = row;
    }
    let allowed = match sample.order.method {
        Method::Mus => {
            DataValidation::new().allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0))
        }
        Method::Random => DataValidation::new().allow_list_strings(&["是", "否"])?,
    };
    sheet.add_data_validation(1, column, last.max(1), column, &allowed)?;
    sheet.set_freeze_panes(1, 2)?;
    protect(&mut sheet);
    Ok(sheet)
}

fn population_sheet(sample: &Sample, formats: &Formats) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(POPULATION)?;
    headings(&mut sheet, COLUMNS.iter().copied(), formats)?;
    for (row, item) in (1..).zip(&sample.population.items) {
        line(&mut sheet, row, usize::try_from(row).ok(), item, Some(item.book), formats)?;
    }
    sheet.set_freeze_panes(1, 2)?;
    protect(&mut sheet);
    Ok(sheet)
}

fn apart_sheet(sample: &Sample, formats: &Formats) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(APART)?;
    headings(&mut sheet, COLUMNS.iter().chain([&("原因 Reason", 60.0)]).copied(), formats)?;
    for (row, apart) in (1..).zip(&sample.population.apart) {
        line(&mut sheet, row, None, &apart.item, apart.amount, formats)?;
        let why = format!("{} {}", reason(apart, Lang::Zh), reason(apart, Lang::En));
        sheet.write_string_with_format(row, place(COLUMNS.len()), &why, &formats.text)?;
    }
    protect(&mut sheet);
    Ok(sheet)
}

fn headings(
    sheet: &mut Worksheet,
    columns: impl Iterator<Item = (&'static str, f64)>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (at, (heading, width)) in (0..).zip(columns) {
        sheet.set_column_width(at, width)?.write_string_with_format(0, at, heading, &formats.head)?;
    }
    Ok(())
}

fn line(
    sheet: &mut Worksheet,
    row: u32,
    number: Option<usize>,
    item: &Item,
    amount: Option<Decimal>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let texts = [number.as_str(), &item.name, &item.number, &item.date, "", &item.file, &item.place];
    for (column, text) in (0..).zip(texts) {
        sheet.write_string_with_format(row, column, text, &formats.text)?;
    }
    if let Some(amount) = amount {
        sheet.write_number_with_format(row, place(BOOK), cell_number(amount), &formats.amount)?;
    }
    Ok(())
}

/// An amount as a cell holds it. A workbook has nothing but binary fractions for numbers; one of at most 15
/// digits, as every amount of a population is, comes back as the decimal it was.
fn cell_number(amount: Decimal) -> f64 {
    amount.to_string().parse().unwrap_or(f64::NAN)
}

fn place(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Keeps what is not to be filled in from being changed by accident; there is no password.
fn protect(sheet: &mut Worksheet) {
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
}
