//! What the program sets for itself before it begins.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

#[cfg(target_os = "linux")]
#[test]
fn the_program_is_started_with_the_settings_it_needs() {
    // The environment of a program that waits for its input, once it has settled.
    let environment = |change: &dyn Fn(&mut Command)| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heyan"));
        command.args(["extract", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env_remove("GLIBC_TUNABLES").env_remove("OMP_THREAD_LIMIT").env_remove("HEYAN_STARTED");
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut found = String::new();
        for _ in 0..200 {
            found = fs::read_to_string(format!("/proc/{}/environ", child.id())).unwrap_or_default();
            if found.contains("HEYAN_STARTED=1") {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        found.split('\0').map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |all: &[String], wanted: &str| all.iter().any(|one| one.starts_with(wanted));
    let anew = environment(&|_| {});
    assert!(has(&anew, "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=") && has(&anew, "OMP_THREAD_LIMIT=1"));
    // What somebody chose stays, and a system that takes a setting away each time is left alone.
    let chosen = environment(&|command| {
        command.env("OMP_THREAD_LIMIT", "4");
    });
    assert!(has(&chosen, "OMP_THREAD_LIMIT=4") && has(&chosen, "GLIBC_TUNABLES="), "{chosen:?}");
    let taken = environment(&|command| {
        command.env("HEYAN_STARTED", "1");
    });
    assert!(!has(&taken, "GLIBC_TUNABLES="), "{taken:?}");
}
