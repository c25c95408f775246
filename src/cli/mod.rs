//! The command line: files from disk in, reports out. The only place that prints or asks the clock.

mod batch;
mod case;
mod containment;
mod crops;
mod declare;
mod extract;
mod lists;
mod memory;
mod packs;
mod rules;
mod sample;
mod say;
mod score;
mod show;
mod shown;
mod start;
mod tools;
mod verify;
mod whole;

pub use tools::models;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::model::limits::Limits;

/// How a command ended.
enum Ending {
    /// Nothing to say.
    Fine,
    /// Discrepancies or open points.
    Findings,
    /// Nothing could be done.
    Trouble,
}

/// 核验：读取申报附件，与申报数据逐条比对，给出带出处的差异报告。
///
/// heyan reads what an applicant handed in (PDF, pictures, spreadsheets, archives), finds the facts
/// that count, compares them with the declaration clause by clause of the call, and writes reports in
/// which every value shows where it stands.
#[derive(Parser)]
#[command(
    name = "heyan",
    version,
    max_term_width = 100,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{}", limits())
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Exit codes: 0 nothing to say, 1 discrepancies or open points, 2 trouble.

Examples:
  heyan verify fixtures/cases/factory-planted --out reports
  heyan verify fixtures/cases --out reports   # a batch
  heyan extract invoice.pdf --format json
  heyan show scan.jpg --page 1 --image boxes.png
  heyan declare 申报书.docx > declaration.json
  heyan rules explain jiangsu-2023 FAC-06
  heyan sample fixtures/cases/factory-planted --seed 20230301 --out worksheet.xlsx
  heyan sample --evaluate worksheet.xlsx
  heyan rules coverage jiangsu-2023";

/// What is taken in of anything from outside, as a table.
fn limits() -> String {
    let mut text = "\
Limits, and the problem that says so where a file holds more:"
        .to_owned();
    for bound in Limits::DEFAULT.table() {
        text.push_str(&format!("\n  {:>11}  {} ({})", bound.value, bound.bounds, bound.code));
    }
    text
}

/// What each does stands with its arguments.
#[derive(Subcommand)]
enum Command {
    Verify(verify::Verify),
    Extract(extract::Extract),
    Show(show::Show),
    Score(score::Score),
    Declare(declare::Declare),
    Rules(rules::Rules),
    Lists(lists::ListsCommand),
    Sample(sample::Draw),
    Containment(containment::Containment),
    #[command(hide = true)]
    ReadContained(containment::ReadContained),
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    start::settled();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let ending = match arguments.command {
        Command::Verify(verify) => verify.run(),
        Command::Extract(extract) => extract.run(),
        Command::Show(show) => show.run(),
        Command::Score(score) => score.run(),
        Command::Declare(declare) => declare.run(),
        Command::Rules(rules) => rules.run(),
        Command::Lists(lists) => lists.run(),
        Command::Sample(draw) => draw.run(),
        Command::Containment(containment) => containment.run(),
        Command::ReadContained(contained) => contained.run(),
    };
    match ending {
        Ok(Ending::Fine) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(1),
        Ok(Ending::Trouble) => ExitCode::from(2),
        Err(error) => {
            say::error(&error);
            ExitCode::from(2)
        }
    }
}
