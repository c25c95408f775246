//! `heyan containment`: whether bad files are held where they are read; and the hidden command that
//! reads them there.

use anyhow::{Context, Result};
use clap::Args;

use super::{Ending, say};
use crate::{
    contain::{self, Outcome, Pool},
    model::limits::Limits,
};

/// How long an attempt may take: long enough for a busy machine, short enough to wait for.
const SECONDS: u64 = 5;

/// Tries what a bad file might do, and says what stopped it.
///
/// Files are read in processes of their own that may open nothing, reach no network and start no
/// program, with bounds for memory and time. This command tries each of these from inside such a
/// process. Exit code 0 if all of it was stopped, 1 if something was not.
#[derive(Args)]
pub(super) struct Containment {}

impl Containment {
    pub(super) fn run(self) -> Result<Ending> {
        let limits = Limits { time: std::time::Duration::from_secs(SECONDS), ..Limits::default() };
        let pool = start(&limits)?;
        let mut text = String::new();
        for layer in pool.unenforced() {
            text.push_str(&format!("not enforced: {layer}\n"));
        }
        let mut held = pool.unenforced().is_empty();
        for (attempt, outcome) in pool.try_all() {
            let (mark, how) = match outcome {
                Outcome::Refused(why) => ("stopped", format!("refused: {why}")),
                Outcome::Ended(why) => ("stopped", format!("ended: {why}")),
                Outcome::Done => ("NOT STOPPED", "it was done".to_owned()),
                Outcome::Untried(why) => ("not tried", why),
            };
            held &= mark == "stopped";
            text.push_str(&format!("{mark:<12}{:<32}{how}\n", attempt.what));
        }
        say::result(&text);
        Ok(if held { Ending::Fine } else { Ending::Findings })
    }
}

/// Reads files for another heyan, which asks on standard input. Not for people.
#[derive(Args)]
pub(super) struct ReadContained {}

impl ReadContained {
    pub(super) fn run(self) -> Result<Ending> {
        contain::serve().context("what was asked cannot be understood")?;
        Ok(Ending::Fine)
    }
}

/// Files are read in this process where the environment says so: for measuring, and where a machine
/// cannot start processes.
pub(super) fn is_off() -> bool {
    std::env::var_os("HEYAN_CONTAINMENT").is_some_and(|value| value == "off")
}

/// Starts the processes that read apart.
pub(super) fn start(limits: &Limits) -> Result<Pool> {
    let program = Pool::this_program().context("the system does not say which program runs")?;
    Pool::start(program, limits).map_err(|error| {
        say::advised(
            error.to_string(),
            "with HEYAN_CONTAINMENT=off in the environment files are read without protection".to_owned(),
        )
    })
}
