//! What a process gives away before the first byte from outside: files, network, other programs,
//! memory and time beyond what reading needs.
//!
//! Three layers that do not rely on each other: resource limits, Landlock for files, network and
//! signals, and a list of the system calls that are left. What a system does not have is said, not
//! passed over. Nothing here can be taken back.

use rlimit::Resource;

use crate::model::limits::Limits;

/// A process is given up long before this many times the time of one file; it ends one that nobody
/// watches any more.
const FILES_OF_TIME: u64 = 20;

/// Enters the sandbox and answers what of it is not enforced.
pub(super) fn enter(limits: &Limits) -> Vec<String> {
    let mut unenforced = Vec::new();
    let mut layer = |name: &str, done: Result<(), String>| {
        if let Err(why) = done {
            unenforced.push(format!("{name} ({why})"));
        }
    };
    layer("memory limit", bound(Resource::AS, mapped("self").saturating_add(limits.memory_bytes)));
    let seconds = limits.time.as_secs().max(1).saturating_mul(FILES_OF_TIME);
    layer("time limit", bound(Resource::CPU, seconds));
    layer("no writing", bound(Resource::FSIZE, 0));
    layer("no core dumps", bound(Resource::CORE, 0));
    layer("Landlock", system::landlock());
    // After Landlock, which needs to open something of its own.
    layer("no further files", bound(Resource::NOFILE, 0));
    layer("seccomp", system::seccomp());
    unenforced
}

fn bound(resource: Resource, most: u64) -> Result<(), String> {
    let (_, hard) = resource.get().map_err(|error| error.to_string())?;
    let most = most.min(hard);
    resource.set(most, most).map_err(|error| error.to_string())
}

/// Bytes of memory that a process (its number, or `self`) has asked for, which is what its limit counts:
/// program, libraries, fonts and what it read. 0 where the system does not say.
pub(super) fn mapped(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::BTreeMap;

    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };

    /// No file, no TCP, no signal to others. The version is one that was tried; older kernels give
    /// what they have.
    const VERSION: ABI = ABI::V6;

    /// Landlock without a single rule: everything it knows of is refused.
    pub(super) fn landlock() -> Result<(), String> {
        let entered = Ruleset::default()
            .handle_access(AccessFs::from_all(VERSION))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(VERSION)))
            .and_then(|rules| rules.scope(Scope::from_all(VERSION)))
            .and_then(Ruleset::create)
            .and_then(|rules| rules.restrict_self());
        match entered.map(|status| status.ruleset) {
            Ok(RulesetStatus::FullyEnforced) => Ok(()),
            Ok(RulesetStatus::PartiallyEnforced) => Err("in part: the kernel is older".to_owned()),
            Ok(RulesetStatus::NotEnforced) => Err("the kernel has none".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What reading needs: the pipes, memory, and to end. All else is refused as not permitted, so
    /// that a library that asks for more can do without.
    const LEFT: &[i64] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];

    /// Only the system calls of `LEFT`, memory that is never code, and signals to itself.
    pub(super) fn seccomp() -> Result<(), String> {
        let text = |error: seccompiler::BackendError| error.to_string();
        let code = u64::from(libc::PROT_EXEC.unsigned_abs());
        let no_code =
            || condition(2, SeccompCmpOp::MaskedEq(code), 0).and_then(|only| SeccompRule::new(vec![only]));
        let own = u64::from(std::process::id());
        let to_itself = condition(0, SeccompCmpOp::Eq, own).and_then(|only| SeccompRule::new(vec![only]));
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            LEFT.iter().map(|call| (*call, Vec::new())).collect();
        rules.insert(libc::SYS_mmap, vec![no_code().map_err(text)?]);
        rules.insert(libc::SYS_mprotect, vec![no_code().map_err(text)?]);
        // How a process aborts itself.
        rules.insert(libc::SYS_tgkill, vec![to_itself.map_err(text)?]);
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let machine = std::env::consts::ARCH.try_into().map_err(text)?;
        let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, machine).map_err(text)?;
        let program: BpfProgram = filter.try_into().map_err(text)?;
        seccompiler::apply_filter(&program).map_err(|error| error.to_string())
    }

    fn condition(
        argument: u8,
        operator: SeccompCmpOp,
        value: u64,
    ) -> Result<SeccompCondition, seccompiler::BackendError> {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn landlock() -> Result<(), String> {
        Err("this system has none".to_owned())
    }

    pub(super) fn seccomp() -> Result<(), String> {
        Err("this system has none".to_owned())
    }
}
