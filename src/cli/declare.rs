//! `heyan declare`: a form that was filled in, as the declaration it amounts to.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{Ending, extract, say, tools, whole::whole};
use crate::{
    extract::declaration,
    model::{document::Document, fact::Record},
    pipeline::{self, Understood},
    report,
};

/// The template, as it is published.
const TEMPLATE: &[u8] = include_bytes!("../../rules/declaration.xlsx");

/// Reads a form (申报书 as docx or pdf, or the xlsx template) and writes the declaration.json it amounts to.
///
/// What was read and could not be understood is null, and is said on standard error; look it over before
/// handing it in. `--format text` shows each value with what is written in the form and where. The labels that
/// are looked for stand in rules/documents/application.toml.
#[derive(Args)]
pub(super) struct Declare {
    /// The form: docx, pdf, xlsx, or a scan of one; `-` reads standard input.
    #[arg(required_unless_present = "template", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where to write; standard output if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// json, or text: what was read, as it is written and where it stands.
    #[arg(long, default_value = "json", value_parser = ["json", "text"])]
    format: String,
    /// Write the empty xlsx template there and stop.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    template: Option<PathBuf>,
    #[command(flatten)]
    reading: tools::Reading,
    #[command(flatten)]
    language: tools::Language,
}

impl Declare {
    pub(super) fn run(self) -> Result<Ending> {
        let lang = self.language.lang();
        if let Some(path) = &self.template {
            whole(path, TEMPLATE)?;
            say::hint(&format!("fill in {}, and put it into the case as declaration.xlsx", path.display()));
            return Ok(Ending::Fine);
        }
        let Some(file) = &self.file else { return Ok(Ending::Trouble) };
        let bytes = extract::bytes(file)?;
        let (tools, _memory) = self.reading.open()?;
        let name = file.display().to_string();
        let progress = say::Progress::new("declare", "pages");
        let (record, Understood { documents, papers }) =
            pipeline::declared(&name, &bytes, &tools, &|step| progress.step(step));
        drop(progress);
        let said = documents.iter().flat_map(|document: &Document| &document.problems);
        let said: Vec<_> = said.chain(papers.iter().flat_map(|paper| &paper.problems)).collect();
        for problem in &said {
            let line = format!("{}: {}", problem.code, lang.say(&problem.message));
            say::hint(&report::text::printable(&line));
        }
        if record == Record::default() {
            return Err(say::advised(
                format!("nothing was read from {name} that belongs into a declaration"),
                "its labels are looked for as rules/documents/application.toml says; `heyan declare --template declaration.xlsx` writes a form that is read as it stands"
                    .to_owned(),
            ));
        }
        let text = match self.format.as_str() {
            "text" => report::text::record_text(&record, lang, self.out.is_none() && say::colour()),
            _ => declaration::to_json(&record)? + "\n",
        };
        match &self.out {
            Some(path) => whole(path, text.as_bytes())?,
            None => say::result(&text),
        }
        Ok(if said.is_empty() { Ending::Fine } else { Ending::Findings })
    }
}
