//! What the C library and Tesseract take from the environment before a program begins.

use std::env;

/// What has to be set, and to what.
const SETTINGS: &[(&str, &str)] = &[
    // What is as large as a page's picture goes back to the system when it is freed, and comes in large
    // pieces. Without it memory grows from scan to scan, since what is freed lies between what is not.
    ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=4194304:glibc.malloc.hugetlb=1"),
    // Tesseract's threads for one line get in the way of the pages read side by side.
    ("OMP_THREAD_LIMIT", "1"),
];

/// Says that the program was started anew: some systems take settings away from a program each time.
const STARTED: &str = "HEYAN_STARTED";

/// Starts the program anew with the settings that nobody made. Where that cannot be, it goes on without.
pub(super) fn settled() {
    let missing: Vec<(&str, &str)> =
        SETTINGS.iter().copied().filter(|(name, _)| env::var_os(name).is_none()).collect();
    if missing.is_empty() || env::var_os(STARTED).is_some() {
        return;
    }
    #[cfg(target_os = "linux")]
    if let Ok(program) = env::current_exe() {
        use std::{os::unix::process::CommandExt, process::Command};
        let mut arguments = env::args_os();
        let mut command = Command::new(program);
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        // It only comes back with the reason why it could not, and nothing was lost then.
        let _ = command.args(arguments).envs(missing).env(STARTED, "1").exec();
    }
}
