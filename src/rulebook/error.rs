//! What is wrong with a pack, said as a compiler says it: file, line, the line itself and a caret.

use std::fmt;

/// One mistake in one file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// The file inside the pack, such as `rules.toml`.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The text of that line.
    pub source: String,
    /// What was found and what was wanted.
    pub message: String,
}

impl PackError {
    /// A mistake at a byte of a file's text.
    #[must_use]
    pub fn at(file: &str, text: &str, byte: usize, message: impl Into<String>) -> Self {
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = text.get(..byte).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let source = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            source: source.to_owned(),
            message: message.into(),
        }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = self.line.to_string().len();
        // Characters of Chinese text are two columns wide on a terminal.
        let indent: usize =
            self.source.chars().take(self.column - 1).map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        writeln!(f, "{}", self.message)?;
        writeln!(f, "{:margin$}--> {}:{}:{}", "", self.file, self.line, self.column)?;
        writeln!(f, "{:margin$} |", "")?;
        writeln!(f, "{} | {}", self.line, self.source)?;
        write!(f, "{:margin$} | {:indent$}^", "", "")
    }
}

impl std::error::Error for PackError {}
