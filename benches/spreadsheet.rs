//! A bill of 60,000 rows as xlsx: how many times quicker it is read than by openpyxl's read-only mode.
//!
//! `cargo bench --bench spreadsheet`. Takes the Python named by `HEYAN_PYTHON` (else `python3`), which
//! needs openpyxl: `scripts/other_readers.py` sets one up and names it. Prints both times and their ratio.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::{Cursor, Write as _},
    process::Command,
    sync::Arc,
    time::Instant,
};

use heyan::{
    model::{limits::Limits, page::CellValue},
    read,
};
use zip::{ZipWriter, write::SimpleFileOptions};

const ROWS: usize = 60_000;
/// How many times quicker it has to be.
const WANTED: f64 = 8.0;

const OTHER: &str = "
import sys, time, openpyxl
start = time.perf_counter()
book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
count = 0
for sheet in book.worksheets:
    for row in sheet.iter_rows(values_only=True):
        for cell in row:
            if cell is not None:
                count += 1
print(count, time.perf_counter() - start)
";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bill.xlsx");
    let bytes: Arc<[u8]> = Arc::from(workbook()?);
    fs::write(&path, &bytes)?;
    let mut best = f64::MAX;
    let mut cells = 0;
    for _ in 0..3 {
        let start = Instant::now();
        let document = read::read("bill.xlsx", Arc::clone(&bytes), &Limits::default());
        best = best.min(start.elapsed().as_secs_f64());
        let filled = document.sheets.iter().flat_map(|sheet| sheet.rows.iter().flatten());
        cells = filled.filter(|cell| cell.value != CellValue::Empty).count();
        if !document.problems.is_empty() {
            return Err(format!("{:?}", document.problems).into());
        }
    }
    say(&format!("heyan: {cells} cells in {best:.3} s"));
    let python = std::env::var("HEYAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let run = Command::new(python).args(["-c", OTHER]).arg(&path).output()?;
    let told = String::from_utf8(run.stdout)?;
    let Some((count, seconds)) = told.trim().split_once(' ') else {
        say("openpyxl is not there; scripts/other_readers.py sets up a Python that has it, and names it");
        return Ok(());
    };
    let seconds: f64 = seconds.parse()?;
    let ratio = seconds / best;
    say(&format!("openpyxl, read-only: {count} cells in {seconds:.3} s"));
    say(&format!("ratio {ratio:.1}, wanted at least {WANTED}"));
    say(if count == cells.to_string() { "as many cells" } else { "THE CELLS DIFFER IN NUMBER" });
    Ok(())
}

/// Codes, names, amounts and dates in eleven columns, with shared texts as spreadsheet programs write.
fn workbook() -> Result<Vec<u8>, Box<dyn Error>> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut texts = String::new();
    let mut shared = 0;
    let mut text = |text: &str| {
        let _ = write!(texts, "<si><t>{text}</t></si>");
        shared += 1;
        shared - 1
    };
    let fixed: Vec<usize> =
        ["按量付费", "包年包月", "华东", "华北", "元"].iter().map(|word| text(word)).collect();
    let mut sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>"#);
    for row in 1..=ROWS {
        let code = text(&format!("{row:020}"));
        let name = text(&format!("云服务器 {}", row % 977));
        write!(sheet, r#"<row r="{row}" spans="1:11">"#)?;
        write!(sheet, r#"<c r="A{row}" t="s"><v>{code}</v></c><c r="B{row}" t="s"><v>{name}</v></c>"#)?;
        write!(sheet, r#"<c r="C{row}" t="s"><v>{}</v></c>"#, fixed[row % 2])?;
        write!(sheet, r#"<c r="D{row}" s="1"><v>{}</v></c>"#, 44_562 + row % 365)?;
        for (column, amount) in ["E", "F", "G", "H"].iter().zip([0.01, 1.13, 4.4321, 17.0]) {
            #[expect(clippy::cast_precision_loss, reason = "a bench has few rows")]
            let amount = row as f64 * amount;
            write!(sheet, r#"<c r="{column}{row}"><v>{amount}</v></c>"#)?;
        }
        write!(sheet, r#"<c r="I{row}"><v>{}</v></c>"#, row % 13)?;
        write!(sheet, r#"<c r="J{row}" t="s"><v>{}</v></c>"#, fixed[2 + row % 2])?;
        write!(sheet, r#"<c r="K{row}" t="s"><v>{}</v></c></row>"#, fixed[4])?;
    }
    sheet.push_str("</sheetData></worksheet>");
    let files = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            format!(r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="bill" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="{office}/styles" Target="styles.xml"/></Relationships>"#),
        ),
        (
            "xl/styles.xml",
            format!(r#"<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#),
        ),
        ("xl/sharedStrings.xml", format!(r#"<sst xmlns="{main}">{texts}</sst>"#)),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn say(line: &str) {
    println!("{line}");
}
