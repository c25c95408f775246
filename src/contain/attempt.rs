//! What a bad file might do, tried on purpose from inside the sandbox: the way to see on a machine,
//! and in a test, that the sandbox holds there.

use std::{
    fs,
    io::{self, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use super::{
    Pool,
    frame::{Answer, nonsense},
    process::{Ended, Process},
    sandbox,
};
use crate::model::limits::Limits;

/// Something that has to be refused.
pub struct Attempt {
    /// Its name.
    pub name: &'static str,
    /// What is tried, for a person.
    pub what: &'static str,
    run: fn(&Ground, &Limits) -> io::Result<()>,
}

/// All that is tried.
pub const ATTEMPTS: &[Attempt] = &[
    Attempt { name: "read", what: "read a file", run: |ground, _| fs::read(&ground.program).map(drop) },
    Attempt { name: "list", what: "list a folder", run: |_, _| fs::read_dir("/").map(drop) },
    Attempt { name: "write", what: "write a file", run: |ground, _| fs::write(&ground.scratch, "x") },
    Attempt { name: "connect", what: "connect over TCP", run: |ground, _| connect(ground) },
    Attempt {
        name: "datagram",
        what: "open a UDP socket",
        run: |_, _| UdpSocket::bind(("127.0.0.1", 0)).map(drop),
    },
    Attempt {
        name: "exec",
        what: "start another program",
        run: |ground, _| Command::new(&ground.program).arg("--version").output().map(drop),
    },
    Attempt {
        name: "thread",
        what: "start a thread",
        run: |_, _| std::thread::Builder::new().spawn(|| ()).map(drop),
    },
    Attempt { name: "memory", what: "take more memory than allowed", run: |_, limits| hoard(limits) },
    Attempt { name: "loop", what: "go on without an end", run: |_, _| spin() },
];

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused; what the system said.
    Refused(String),
    /// The process was ended, and why.
    Ended(String),
    /// It was done: the sandbox does not hold.
    Done,
    /// It could not be tried, which proves nothing.
    Untried(String),
}

/// What attempts need and the sandbox takes away: made before.
struct Ground {
    program: PathBuf,
    scratch: PathBuf,
    listener: TcpListener,
}

/// Enters the sandbox and tries; what the system said where it refused.
pub(super) fn tried(name: &str, limits: &Limits) -> io::Result<Option<String>> {
    let attempt = ATTEMPTS.iter().find(|attempt| attempt.name == name);
    let attempt = attempt.ok_or_else(|| nonsense("there is no such attempt"))?;
    let ground = Ground {
        program: std::env::current_exe()?,
        scratch: std::env::temp_dir().join(format!("heyan-{}", std::process::id())),
        listener: TcpListener::bind(("127.0.0.1", 0))?,
    };
    sandbox::enter(limits);
    Ok((attempt.run)(&ground, limits).err().map(|error| error.to_string()))
}

fn connect(ground: &Ground) -> io::Result<()> {
    let address = ground.listener.local_addr()?;
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).map(drop)
}

/// Takes more and more, and uses it.
fn hoard(limits: &Limits) -> io::Result<()> {
    let mut held: Vec<Vec<u8>> = Vec::new();
    let step = 64 << 20;
    for _ in 0..=limits.memory_bytes / step {
        held.push(vec![1; usize::try_from(step).unwrap_or(usize::MAX)]);
    }
    io::sink().write_all(held.last().map_or(&[], Vec::as_slice))
}

fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

impl Pool {
    /// Tries everything of [`ATTEMPTS`], each in a process of its own, with the limits of this pool.
    pub fn try_all(&self) -> Vec<(&'static Attempt, Outcome)> {
        let tried = |attempt: &Attempt| match Process::start(&self.program, &self.limits, Some(attempt.name))
        {
            Ok((_, Answer::Tried { refused: Some(why) })) => Outcome::Refused(why),
            Ok(_) => Outcome::Done,
            Err(Ended::NotStarted(why)) => Outcome::Untried(why),
            Err(ended) => Outcome::Ended(ended.to_string()),
        };
        ATTEMPTS.iter().map(|attempt| (attempt, tried(attempt))).collect()
    }
}
