//! One process that reads files for us: started, asked, watched, and ended.

use std::{
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{
    frame::{Answer, Request, Start, send, send_bytes, take},
    sandbox::mapped,
};
use crate::model::{document::DocumentId, limits::Limits};

/// The command that serves, and is not in the help.
pub(super) const COMMAND: &str = "read-contained";
/// To start and load fonts takes a tenth of a second; a machine may be busy.
const START: Duration = Duration::from_secs(60);
/// Last words of a process that are looked at.
const LAST_WORDS: u64 = 4 << 10;

/// How a process ended that was not asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ended {
    /// It took longer than allowed and was ended.
    #[error("it took longer than {} s", .0.as_secs_f64())]
    Late(Duration),
    /// It took more memory than allowed.
    #[error("it took more memory than allowed")]
    Memory,
    /// It died.
    #[error("{0}")]
    Died(String),
    /// It was never there.
    #[error("{0}")]
    NotStarted(String),
}

/// A process at our service. It dies with this value.
pub(super) struct Process {
    watched: Arc<Watched>,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    errors: ChildStderr,
    /// The file it was last asked about.
    pub(super) last: Option<DocumentId>,
    /// How often it was asked.
    pub(super) asked: u32,
    /// How long it worked.
    pub(super) busy: Duration,
    /// Bytes of memory it had when it was new.
    new: u64,
}

impl Process {
    /// Starts `program` and waits for its first answer.
    pub(super) fn start(
        program: &Path,
        limits: &Limits,
        attempt: Option<&str>,
    ) -> Result<(Self, Answer), Ended> {
        let not_started = |error: io::Error| Ended::NotStarted(error.to_string());
        let mut command = Command::new(program);
        command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Nothing of the environment is needed but the way to the libraries this program started with, and
        // how the program is started.
        let kept = ["LD_LIBRARY_PATH", "GLIBC_TUNABLES", "OMP_THREAD_LIMIT", "HEYAN_STARTED"];
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| kept.iter().any(|kept| name == kept)));
        let mut child = command.spawn().map_err(not_started)?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Ended::NotStarted("no pipes".to_owned()));
        };
        let watched = Arc::new(Watched {
            watch: Mutex::new(Watch { child, until: None, late: false, over: false }),
            changed: Condvar::new(),
        });
        let watching = Arc::clone(&watched);
        thread::Builder::new().spawn(move || watching.run()).map_err(not_started)?;
        let mut process = Self {
            watched,
            input: BufWriter::new(input),
            output: BufReader::new(output),
            errors,
            last: None,
            asked: 0,
            busy: Duration::ZERO,
            new: 0,
        };
        let first = Start { limits: limits.clone(), attempt: attempt.map(str::to_owned) };
        // An attempt is work like any other and is given the time of a file.
        let time = if attempt.is_some() { limits.time } else { START };
        let answer = process.within(time, |to, from| {
            send(to, &first)?;
            to.flush()?;
            take(from, limits.answer_bytes)
        })?;
        process.new = process.memory();
        Ok((process, answer))
    }

    /// Asks, and hands the answer and the pipe behind it to `finish`.
    pub(super) fn ask<T>(
        &mut self,
        request: &Request,
        bytes: Option<&[u8]>,
        limits: &Limits,
        finish: impl FnOnce(Answer, &mut BufReader<ChildStdout>) -> io::Result<T>,
    ) -> Result<T, Ended> {
        self.asked += 1;
        self.within(limits.time, |to, from| {
            send(to, request)?;
            bytes.map_or(Ok(()), |bytes| send_bytes(to, bytes))?;
            to.flush()?;
            let answer = take(from, limits.answer_bytes)?;
            finish(answer, from)
        })
    }

    /// Works with the pipes; the process is ended when that takes too long.
    fn within<T>(
        &mut self,
        time: Duration,
        work: impl FnOnce(&mut BufWriter<ChildStdin>, &mut BufReader<ChildStdout>) -> io::Result<T>,
    ) -> Result<T, Ended> {
        let start = Instant::now();
        self.watched.until(Some(start + time));
        let result = work(&mut self.input, &mut self.output);
        // Who watches may not have woken yet; the clock decides.
        let taken = start.elapsed();
        let late = self.watched.until(None) || taken > time;
        self.busy += taken;
        match result {
            _ if late => Err(Ended::Late(time)),
            Ok(value) => Ok(value),
            Err(error) => Err(self.post_mortem(&error)),
        }
    }

    /// Why the pipe broke, as far as it can be told.
    fn post_mortem(&mut self, error: &io::Error) -> Ended {
        let nonsense = error.kind() == io::ErrorKind::InvalidData;
        let status = self.watched.end(!nonsense);
        let mut words = String::new();
        let _ = (&mut self.errors).take(LAST_WORDS).read_to_string(&mut words);
        if nonsense {
            return Ended::Died(format!("it gave an answer that makes no sense: {error}"));
        }
        // What Rust says before it gives up for want of memory.
        let wanting = words.contains("memory allocation of");
        match status {
            _ if wanting => Ended::Memory,
            // We did not end it; when a machine runs out of memory, its kernel does.
            Some(status) if signal(status) == Some(9) => Ended::Memory,
            Some(status) if words.contains("overflowed its stack") => {
                Ended::Died(format!("it ran out of stack, {status}"))
            }
            Some(status) => Ended::Died(format!("it ended with {status}")),
            None => Ended::Died(error.to_string()),
        }
    }

    /// Whether it is still there.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.watched.lock().child.try_wait(), Ok(None))
    }

    /// How many bytes of memory it has more than when it was new; 0 where the system does not say.
    pub(super) fn grown(&self) -> u64 {
        self.memory().saturating_sub(self.new)
    }

    fn memory(&self) -> u64 {
        mapped(&self.watched.lock().child.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.watched.end(false);
    }
}

/// A signal that ended a process.
fn signal(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    return {
        _ = status;
        None
    };
}

/// A process with a thread beside it that ends it when its time is over.
struct Watched {
    watch: Mutex<Watch>,
    changed: Condvar,
}

struct Watch {
    child: Child,
    until: Option<Instant>,
    late: bool,
    over: bool,
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets when its time is over, and answers whether it already was.
    fn until(&self, moment: Option<Instant>) -> bool {
        let mut watch = self.lock();
        watch.until = moment;
        self.changed.notify_one();
        watch.late
    }

    /// Waits, and ends the process when its time is over.
    fn run(&self) {
        let mut watch = self.lock();
        while !watch.over {
            let Some(until) = watch.until else {
                watch = self.changed.wait(watch).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                watch.late = true;
                let _ = watch.child.kill();
                return;
            }
            let waited = self.changed.wait_timeout(watch, left);
            watch = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends the process; one that is dying is given a moment, so that how it ended can be told.
    fn end(&self, dying: bool) -> Option<ExitStatus> {
        const MOMENT: Duration = Duration::from_millis(10);
        let mut watch = self.lock();
        watch.over = true;
        self.changed.notify_one();
        for _ in 0..if dying { 100 } else { 0 } {
            match watch.child.try_wait() {
                Ok(None) => thread::sleep(MOMENT),
                Ok(status) => return status,
                Err(_) => break,
            }
        }
        let _ = watch.child.kill();
        watch.child.wait().ok()
    }
}
