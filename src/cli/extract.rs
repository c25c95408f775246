//! `heyan extract`: what files say.

use std::{collections::BTreeMap, fs::File, io::Read, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;

use super::{Ending, say, tools};
use crate::{
    model::{document::Document, limits::Limits},
    pipeline::{self, Understood},
    read, report,
};

/// Prints what files say: document type, fields, and where each stands.
///
/// One entry for each document found: a file with three invoices gives three. `-` reads standard
/// input.
#[derive(Args)]
pub(super) struct Extract {
    /// Files of any supported kind; what a file is, is told from its content.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// text or json.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    /// A folder of root certificates (DER or PEM) whose signatures are trusted; none if not given.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    reading: tools::Reading,
    #[command(flatten)]
    language: tools::Language,
}

impl Extract {
    pub(super) fn run(self) -> Result<Ending> {
        let mut files: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
        let mut unopened = false;
        for path in &self.files {
            match bytes(path) {
                Ok(bytes) => {
                    files.insert(path.display().to_string(), bytes);
                }
                // One file that cannot be opened is not the others' trouble.
                Err(error) => {
                    unopened = true;
                    say::error(&error);
                }
            }
        }
        if files.is_empty() {
            return Ok(Ending::Trouble);
        }
        let (mut tools, _memory) = self.reading.open()?;
        tools.trust = tools::trust(self.trust.as_deref())?;
        let progress = say::Progress::new("extract", "pages");
        let Understood { documents, mut papers } =
            pipeline::understand(&files, &tools, &|step| progress.step(step));
        drop(progress);
        // What is wrong with a file is said with its documents.
        for paper in &mut papers {
            if let Some(document) = documents.iter().find(|d| d.name == paper.file) {
                paper.problems.splice(0..0, document.problems.iter().cloned());
            }
        }
        let lang = self.language.lang();
        if self.format == "json" {
            say::result(&report::json::papers_json(&papers, &documents, lang)?);
        } else {
            say::result(&report::text::papers_text(&papers, lang, say::colour()));
            let signed = report::text::signatures_text(&documents, lang, true);
            if !signed.is_empty() {
                let title = lang.of("电子签名、印章和文件属性：", "Signatures, seals and properties:");
                say::result(&format!("\n{title}\n{signed}"));
            }
            let silent: Vec<&Document> =
                documents.iter().filter(|d| papers.iter().all(|p| p.file != d.name)).collect();
            for problem in silent.iter().flat_map(|d| &d.problems) {
                let line = format!("{}: {}: {}\n", problem.file, problem.code, lang.say(&problem.message));
                say::result(&report::text::printable(&line));
            }
        }
        let troubled = documents.iter().any(|d| !d.problems.is_empty());
        Ok(if papers.is_empty() || unopened {
            Ending::Trouble
        } else if troubled {
            Ending::Findings
        } else {
            Ending::Fine
        })
    }
}

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(path: &std::path::Path) -> Result<Arc<[u8]>> {
    let most = Limits::DEFAULT.file_bytes;
    let all = |input: &mut dyn Read, name: &str| -> Result<Arc<[u8]>> {
        let mut bytes = Vec::new();
        let read = input.take(most.saturating_add(1)).read_to_end(&mut bytes);
        read.with_context(|| format!("{name} cannot be read"))?;
        if bytes.len() as u64 > most {
            anyhow::bail!("{name}: {}", read::too_large(&Limits::DEFAULT).message.en);
        }
        Ok(bytes.into())
    };
    if path.as_os_str() == "-" {
        return all(&mut std::io::stdin().lock(), "standard input");
    }
    if path.is_dir() {
        return Err(say::advised(
            format!("{} is a folder", path.display()),
            "name the files in it, or verify it as a case with `heyan verify`".to_owned(),
        ));
    }
    let name = path.display().to_string();
    let mut file = File::open(path).with_context(|| format!("{name} cannot be read"))?;
    all(&mut file, &name)
}
