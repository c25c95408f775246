//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    heyan::cli::run()
}
