//! Workers: take a job, do it, say how it ended, until there is none left.

use std::{
    any::Any,
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use super::{Queue, now};
use crate::store::{Lease, State, StoreError};

/// How long a job is a worker's without a word from it, in milliseconds.
const LEASE: i64 = 60_000;
/// How often a worker says that it lives, in pulses.
const BEAT: u64 = 15;
/// How often it is looked whether a job got further, which is said at once: a worker that is killed from
/// outside has no time left to say it.
const PULSE: Duration = Duration::from_secs(1);
/// How often it is looked whether others are done with what they have.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a job that failed waits for its next try, in milliseconds.
const REST: i64 = 500;
/// A job that was handed out so often without getting any further is given up.
const MOST: i64 = 5;
/// After so many times it is worked on alone, so that nobody else's job is there when its worker ends.
const IN_COMPANY: i64 = 2;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is done, and its result is where it belongs.
    Done,
    /// It cannot be done, now or later.
    Broken(String),
    /// It was not done, and may be the next time.
    Failed(String),
    /// Nothing can be done here, for no fault of the job's: the worker stops, and the job waits.
    Stop,
}

/// Says of a job that it got further, so that it is not taken for one that kills its workers.
#[derive(Debug, Default)]
pub struct Further(AtomicBool);

impl Further {
    /// A part of the job is done and will not have to be done again.
    pub fn got(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a worker is doing.
struct Doing {
    lease: Lease,
    further: Further,
}

/// Works on the jobs of a queue, so many at a time, until all are done or given up, by whomever.
///
/// # Errors
///
/// Where the queue cannot be asked. What was done until then is done.
pub fn work(
    queue: &dyn Queue,
    workers: usize,
    handle: &(dyn Fn(&Lease, &Further) -> Ended + Sync),
) -> Result<(), StoreError> {
    let name = name();
    let stop = AtomicBool::new(false);
    let doing: Vec<Mutex<Option<Arc<Doing>>>> = (0..workers.max(1)).map(|_| Mutex::default()).collect();
    let company = RwLock::new(());
    let trouble = Mutex::new(None);
    let fail = |error: StoreError| {
        stop.store(true, Ordering::Relaxed);
        trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    };
    thread::scope(|scope| {
        // Nothing is ever sent: when the last worker lets go of it, all are done.
        let (working, all) = mpsc::channel::<()>();
        for own in &doing {
            let (name, stop, company, fail, working) = (&name, &stop, &company, &fail, working.clone());
            scope.spawn(move || {
                let _until_the_end = working;
                one(queue, name, own, (stop, company), handle).unwrap_or_else(fail);
            });
        }
        drop(working);
        // Whoever works is too busy to say so.
        let mut pulse = 0_u64;
        while all.recv_timeout(PULSE) == Err(RecvTimeoutError::Timeout) {
            pulse += 1;
            for own in &doing {
                let now_doing = own.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let Some(doing) = now_doing else { continue };
                let further = doing.further.0.swap(false, Ordering::Relaxed);
                if !further && !pulse.is_multiple_of(BEAT) {
                    continue;
                }
                if let Err(error) = queue.beat(&doing.lease, now() + LEASE, further) {
                    fail(error);
                }
            }
        }
    });
    match trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// One worker.
fn one(
    queue: &dyn Queue,
    name: &str,
    own: &Mutex<Option<Arc<Doing>>>,
    (stop, company): (&AtomicBool, &RwLock<()>),
    handle: &(dyn Fn(&Lease, &Further) -> Ended + Sync),
) -> Result<(), StoreError> {
    while !stop.load(Ordering::Relaxed) {
        let Some(lease) = queue.lease(name, now(), now() + LEASE)? else {
            if !is_left(queue)? {
                break;
            }
            thread::sleep(PAUSE);
            continue;
        };
        if lease.delivered > MOST {
            let why = format!("its worker ended {MOST} times in a row while it was at it");
            queue.end(&lease, State::Dead, 0, &why)?;
            continue;
        }
        // Whoever has to wait for others has not begun: a job is not charged with what ends them.
        let (alone, with_others) = if lease.delivered > IN_COMPANY {
            (company.try_write().ok(), None)
        } else {
            (None, company.try_read().ok())
        };
        if alone.is_none() && with_others.is_none() {
            queue.give_back(&lease)?;
            thread::sleep(PAUSE);
            continue;
        }
        let doing = Arc::new(Doing { lease, further: Further::default() });
        *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&doing));
        let ended = catch_unwind(AssertUnwindSafe(|| handle(&doing.lease, &doing.further)))
            .unwrap_or_else(|panic| Ended::Failed(said(&*panic)));
        *own.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let lease = &doing.lease;
        match ended {
            Ended::Done => queue.end(lease, State::Done, 0, "")?,
            Ended::Broken(why) => queue.end(lease, State::Dead, 0, &why)?,
            Ended::Failed(why) if lease.delivered >= MOST => queue.end(lease, State::Dead, 0, &why)?,
            Ended::Failed(why) => queue.end(lease, State::Waiting, now() + REST, &why)?,
            Ended::Stop => {
                stop.store(true, Ordering::Relaxed);
                queue.give_back(lease)?
            }
        };
    }
    Ok(())
}

/// Whether jobs are left that somebody has to do. What dead workers of this machine had is taken back.
fn is_left(queue: &dyn Queue) -> Result<bool, StoreError> {
    let jobs = queue.jobs()?;
    let holders: BTreeSet<&str> =
        jobs.iter().filter(|job| job.state == State::Leased).map(|job| job.leased_by.as_str()).collect();
    for holder in holders.into_iter().filter(|holder| is_dead(holder)) {
        queue.take_back(holder)?;
    }
    Ok(jobs.iter().any(|job| matches!(job.state, State::Waiting | State::Leased)))
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the program failed: {}", text.unwrap_or_default())
}

/// This process, so that others of the machine can tell when it is gone: the machine, its start, the
/// space of process numbers, the number, and the start of the process.
fn name() -> String {
    let id = std::process::id();
    format!("{} {id} {}", machine().join(" "), started(id).unwrap_or_default())
}

fn machine() -> [String; 3] {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().replace(' ', "_");
    let space = fs::read_link("/proc/self/ns/pid").map(|path| path.to_string_lossy().into_owned());
    [
        read("/proc/sys/kernel/hostname"),
        read("/proc/sys/kernel/random/boot_id"),
        space.unwrap_or_default().replace(' ', "_"),
    ]
}

/// When a process started, in ticks of the machine's clock; `None` where there is no such process.
fn started(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything; the 22nd field is the start.
    let rest = stat.rsplit_once(')')?.1;
    rest.split_whitespace().nth(19).map(str::to_owned)
}

/// Whether a worker is known to be gone. Of another machine's nothing is known but what it says.
fn is_dead(worker: &str) -> bool {
    let parts: Vec<&str> = worker.split(' ').collect();
    let ([host, boot, space, id, start], [own_host, own_boot, own_space]) = (parts.as_slice(), machine())
    else {
        return false;
    };
    if *host != own_host || own_host.is_empty() || own_boot.is_empty() {
        return false;
    }
    if *boot != own_boot {
        return true;
    }
    let living = id.parse().ok().and_then(started);
    *space == own_space && living.as_deref() != Some(*start)
}
