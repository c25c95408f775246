//! What the program says to a person: results to standard output, the rest to standard error.

#![expect(clippy::print_stderr, reason = "this is the one place that prints")]

use std::{
    io::{IsTerminal, Write},
    sync::{Mutex, OnceLock},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pipeline::Step;

/// Trouble, and what can be done about it.
#[derive(Debug, thiserror::Error)]
#[error("{trouble}")]
struct Advised {
    trouble: String,
    advice: String,
}

/// An error that carries advice.
pub(super) fn advised(trouble: String, advice: String) -> anyhow::Error {
    Advised { trouble, advice }.into()
}

/// Prints an error with what led to it, and the advice it carries.
pub(super) fn error(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
    if let Some(Advised { advice, .. }) = error.downcast_ref() {
        hint(advice);
    }
}

/// Prints advice.
pub(super) fn hint(text: &str) {
    eprintln!("hint: {text}");
}

/// Says something by the way.
pub(super) fn note(text: &str) {
    eprintln!("{text}");
}

/// Prints a file as a result.
pub(super) fn copy(from: &mut impl std::io::Read) {
    let mut out = std::io::stdout().lock();
    let _ = std::io::copy(from, &mut out);
    let _ = out.flush();
}

/// Prints a result. A reader that went away is no trouble of ours.
pub(super) fn result(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Whether standard output shows colours: a terminal, unless `NO_COLOR` is set.
pub(super) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Progress of long work: a bar on a terminal, a line now and then elsewhere.
pub(super) struct Progress {
    terminal: bool,
    /// Drawn with the first step: where there is nothing to wait for there is no bar.
    bar: OnceLock<ProgressBar>,
    last: Mutex<Option<Instant>>,
    label: String,
    /// What is counted.
    unit: &'static str,
    begun: Instant,
}

impl Progress {
    /// Progress under a name, in pages or cases.
    pub(super) fn new(label: &str, unit: &'static str) -> Self {
        Self {
            unit,
            begun: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
            bar: OnceLock::new(),
            last: Mutex::new(Some(Instant::now())),
            label: crate::report::text::printable(&label.replace('\n', " ")),
        }
    }

    /// Says how far the recognition of pages is.
    pub(super) fn step(&self, step: Step) {
        if let Step::Recognised { done, of, .. } = step {
            self.at(done, of);
        }
    }

    /// Says something by the way, above the bar.
    pub(super) fn note(&self, text: &str) {
        match self.bar.get() {
            Some(bar) => bar.suspend(|| note(text)),
            None => note(text),
        }
    }

    /// Says how far the work is.
    pub(super) fn at(&self, done: usize, of: usize) {
        if self.terminal {
            let bar = self.bar.get_or_init(|| bar(&self.label, self.unit));
            bar.set_length(of as u64);
            bar.set_position(done as u64);
            return;
        }
        let Ok(mut last) = self.last.lock() else { return };
        if last.is_none_or(|last| last.elapsed() > Duration::from_secs(10)) {
            *last = Some(Instant::now());
            let left = self.begun.elapsed().mul_f64(of.saturating_sub(done) as f64 / done.max(1) as f64);
            let left = indicatif::HumanDuration(left);
            eprintln!("{}: {done} of {of} {} done, {left} left", self.label, self.unit);
        }
    }
}

fn bar(label: &str, unit: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(&format!(
        "{{msg}} {{wide_bar}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left"
    )) {
        bar.set_style(style);
    }
    bar.set_message(label.to_owned());
    bar
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
