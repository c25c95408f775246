//! The side that asks: processes that wait for work, and what is said of a file that ended one.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use image::RgbImage;

use super::{
    Opener, answer,
    frame::{Answer, Request, nonsense, take_bytes},
    process::{Ended, Process},
};
use crate::{
    authenticate::Trust,
    draw::DrawError,
    model::{
        document::{Document, DocumentId, Format},
        geometry::Turn,
        limits::Limits,
        problem::Problem,
    },
    read::{self, Unpacked},
};

/// A process is let go after so many questions: what a library forgot to give back goes with it.
const QUESTIONS: u32 = 500;
/// And after having grown by so many bytes of memory.
const GROWN: u64 = 400 << 20;
/// And after having worked so many times the time of a file, before its own limit is reached.
const WORKED: u32 = 10;
/// Files that are read one by one, since reading their archive failed, may take so many times the
/// time of one file together.
const APART: u32 = 10;
/// Pages of one file that may take too long before its other pages are not tried any more.
const SLOW_PAGES: u32 = 3;

/// Why files cannot be read apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainError {
    /// The process does not start, or dies at once.
    #[error("the process that reads files apart does not start: {0}")]
    NotStarted(String),
}

/// Opens files in processes of their own, as many as are asked at once.
pub struct Pool {
    pub(super) program: PathBuf,
    pub(super) limits: Limits,
    idle: Mutex<Vec<Process>>,
    slow: Mutex<BTreeMap<DocumentId, u32>>,
    unenforced: Vec<String>,
}

impl Pool {
    /// Starts the first process: `program` has to be heyan. `limits` bound what a process may take.
    ///
    /// # Errors
    ///
    /// Where the process does not start.
    pub fn start(program: PathBuf, limits: &Limits) -> Result<Self, ContainError> {
        let not_started = |ended: Ended| ContainError::NotStarted(ended.to_string());
        let (first, answer) = Process::start(&program, limits, None).map_err(not_started)?;
        let Answer::Ready { unenforced } = answer else {
            return Err(ContainError::NotStarted("it is another program".to_owned()));
        };
        let idle = Mutex::new(vec![first]);
        Ok(Self { program, limits: limits.clone(), idle, slow: Mutex::default(), unenforced })
    }

    /// This program, as [`Pool::start`] wants it.
    ///
    /// # Errors
    ///
    /// Where the system does not say which program runs.
    pub fn this_program() -> std::io::Result<PathBuf> {
        // On Linux this leads to the running program even after another was put in its place.
        let own = PathBuf::from("/proc/self/exe");
        if own.exists() { Ok(own) } else { std::env::current_exe() }
    }

    /// What of the sandbox this system does not enforce; empty where it holds.
    #[must_use]
    pub fn unenforced(&self) -> &[String] {
        &self.unenforced
    }

    /// Lets a process work; one that knows the file already, if there is one. What a process that was
    /// asked before does not survive is asked of a new one: files before this one may be at fault.
    fn work<T>(
        &self,
        file: Option<&DocumentId>,
        mut work: impl FnMut(&mut Process) -> Result<T, Ended>,
    ) -> Result<T, Ended> {
        let mut process = match self.waiting(file) {
            Some(process) => process,
            None => self.started()?,
        };
        let used = process.asked > 0;
        let result = match work(&mut process) {
            Err(Ended::Memory | Ended::Died(_)) if used => {
                process = self.started()?;
                work(&mut process)?
            }
            result => result?,
        };
        let tired = process.asked >= QUESTIONS
            || process.busy > self.limits.time.saturating_mul(WORKED)
            || process.grown() > GROWN;
        if !tired {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        }
        Ok(result)
    }

    fn started(&self) -> Result<Process, Ended> {
        match Process::start(&self.program, &self.limits, None)? {
            (process, Answer::Ready { .. }) => Ok(process),
            _ => Err(Ended::NotStarted("it is another program".to_owned())),
        }
    }

    fn waiting(&self, file: Option<&DocumentId>) -> Option<Process> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let knows = idle.iter().rposition(|process| file.is_some() && process.last.as_ref() == file);
            let process = match knows {
                Some(place) => idle.remove(place),
                None => idle.pop()?,
            };
            // One that died while it waited died of nothing that is read now.
            if process.is_alive() {
                return Some(process);
            }
        }
    }

    fn ask_to_read(
        &self,
        name: &str,
        bytes: &Arc<[u8]>,
        limits: &Limits,
        trust: &Trust,
    ) -> Result<Document, Ended> {
        let roots = trust.certificates().map(<[u8]>::to_vec).collect();
        let request = Request::Read { name: name.to_owned(), limits: limits.clone(), roots };
        self.work(None, |process| {
            process.last = None;
            let document = process.ask(&request, Some(bytes), limits, |answer, pipe| match answer {
                Answer::Read { pieces } => answer::document(pieces, pipe, name, Arc::clone(bytes), limits),
                _ => Err(nonsense("no document")),
            })?;
            process.last = Some(document.id.clone());
            Ok(document)
        })
    }

    fn ask_to_unpack(&self, bytes: &Arc<[u8]>, limits: &Limits) -> Result<Files, Ended> {
        let request = Request::Unpack { limits: limits.clone() };
        self.work(None, |process| {
            process.last = None;
            process.ask(&request, Some(bytes), limits, |answer, pipe| match answer {
                Answer::Unpacked { format, names, problems } => {
                    answer::unpacked(names, pipe, limits).map(|files| Files { format, files, problems })
                }
                _ => Err(nonsense("no files")),
            })
        })
    }

    fn ask_to_draw(
        &self,
        document: &Document,
        number: u32,
        turn: Turn,
        dpi: f64,
    ) -> Result<Result<RgbImage, DrawError>, Ended> {
        self.work(Some(&document.id), |process| {
            let known = process.last.as_ref() == Some(&document.id);
            let follows = (!known).then_some(document.format);
            let request = Request::Draw { follows, number, turn, dpi };
            process.last = None;
            let bytes = (!known).then_some(&*document.bytes);
            let most = self.limits.pixels.saturating_mul(3);
            let drawn = process.ask(&request, bytes, &self.limits, |answer, pipe| match answer {
                Answer::Drawn { width, height } => {
                    let pixels = take_bytes(pipe, most)?;
                    let image = RgbImage::from_raw(width, height, pixels);
                    image.map(Ok).ok_or_else(|| nonsense("a picture with pixels missing"))
                }
                Answer::NotDrawn(error) => Ok(Err(error)),
                _ => Err(nonsense("no picture")),
            })?;
            process.last = Some(document.id.clone());
            Ok(drawn)
        })
    }

    /// Reads a file and nothing that is packed in it, since reading all of it ended the process; and
    /// whether something is.
    fn without_parts(
        &self,
        name: &str,
        bytes: &Arc<[u8]>,
        (limits, trust): (&Limits, &Trust),
        ended: &Ended,
    ) -> Option<(Document, bool)> {
        // What took too long once is not waited for twice.
        if matches!(ended, Ended::Late(_)) || limits.archive_depth == 0 {
            return None;
        }
        let shallow = Limits { archive_depth: 0, ..limits.clone() };
        let mut document = self.ask_to_read(name, bytes, &shallow, trust).ok()?;
        let before = document.problems.len();
        document.problems.retain(|problem| problem.code != "archive-too-deep");
        let holds = document.problems.len() < before;
        Some((document, holds))
    }

    /// Reads what lies in an archive or hangs on an e-mail file by file, since reading all of it ended
    /// the process: one bad file must not take the others with it.
    fn apart(
        &self,
        name: &str,
        bytes: Arc<[u8]>,
        (limits, trust): (&Limits, &Trust),
        ended: &Ended,
    ) -> Document {
        let itself = self.without_parts(name, &bytes, (limits, trust), ended);
        let unpacked = self.ask_to_unpack(&bytes, limits).ok();
        let unpacked = unpacked.filter(|files| {
            files.format.holds_files() && !files.files.is_empty() && limits.archive_depth > 0
        });
        let bare = |format, bytes: Arc<[u8]>| Document {
            id: read::id(&bytes),
            name: name.to_owned(),
            format,
            bytes,
            ..Document::default()
        };
        let Some(Files { format, files, problems }) = unpacked else {
            return match itself {
                Some((document, false)) => document,
                Some((mut document, true)) => {
                    document.problems.push(lost(ended).at(&format!("{name}/*")));
                    document
                }
                None => Document { problems: vec![lost(ended).at(name)], ..bare(Format::default(), bytes) },
            };
        };
        // An e-mail says something of its own, an archive does not.
        let said = (itself.is_none() && !format.is_archive()).then(|| lost(ended).at(name));
        let mut document = itself.map_or_else(|| bare(format, bytes), |(document, _)| document);
        document.problems.extend(said);
        let mut inner = Limits { archive_depth: limits.archive_depth - 1, ..limits.clone() };
        let until = Instant::now() + limits.time.saturating_mul(APART);
        for (path, bytes) in files {
            inner.archive_bytes = inner.archive_bytes.saturating_sub(bytes.len() as u64);
            let name = format!("{name}/{path}");
            document.parts.push(if Instant::now() < until {
                self.read(&name, bytes, &inner, trust)
            } else {
                let problems = vec![lost(&Ended::Late(limits.time)).at(&name)];
                Document { id: read::id(&bytes), name, bytes, problems, ..Document::default() }
            });
        }
        for problem in problems.into_iter().map(|problem| problem.at(name)) {
            if !document.problems.contains(&problem) {
                document.problems.push(problem);
            }
        }
        document
    }
}

/// An archive unpacked and not read.
struct Files {
    format: Format,
    files: Vec<Unpacked>,
    problems: Vec<Problem>,
}

impl Opener for Pool {
    fn read(&self, name: &str, bytes: Arc<[u8]>, limits: &Limits, trust: &Trust) -> Document {
        // Reading says itself that a file is too large; it need not travel for that.
        if bytes.len() as u64 > limits.file_bytes {
            return read::read(name, bytes, limits);
        }
        match self.ask_to_read(name, &bytes, limits, trust) {
            Ok(document) => document,
            Err(ended) => self.apart(name, bytes, (limits, trust), &ended),
        }
    }

    fn unpack(&self, bytes: &Arc<[u8]>, limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
        match self.ask_to_unpack(bytes, limits) {
            Ok(files) => (files.files, files.problems),
            Err(ended) => (Vec::new(), vec![lost(&ended)]),
        }
    }

    fn draw(&self, document: &Document, number: u32, turn: Turn, dpi: f64) -> Result<RgbImage, DrawError> {
        let slow = |found: &BTreeMap<DocumentId, u32>| found.get(&document.id).copied().unwrap_or(0);
        if slow(&self.slow.lock().unwrap_or_else(PoisonError::into_inner)) >= SLOW_PAGES {
            let why = "other pages of the file took too long".to_owned();
            return Err(DrawError::Ended { page: number, why });
        }
        match self.ask_to_draw(document, number, turn, dpi) {
            Ok(drawn) => drawn,
            Err(ended) => {
                if matches!(ended, Ended::Late(_)) {
                    let mut found = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
                    *found.entry(document.id.clone()).or_default() += 1;
                }
                Err(DrawError::Ended { page: number, why: ended.to_string() })
            }
        }
    }
}

/// What is said of a file that ended the process that read it.
fn lost(ended: &Ended) -> Problem {
    match ended {
        Ended::Late(time) => {
            let seconds = time.as_secs_f64();
            Problem::new(
                "reader-timeout",
                format!("读取此文件超过 {seconds} 秒，已中止，内容未能读取；请重新导出或拆分后提交"),
                format!(
                    "reading this file took longer than {seconds} s and was stopped; nothing was taken from it; export it again or split it"
                ),
            )
        }
        Ended::Memory => Problem::new(
            "reader-out-of-memory",
            "读取此文件所需内存超过上限，已中止，内容未能读取；请缩小或拆分后提交",
            "reading this file took more memory than allowed and was stopped; nothing was taken from it; make it smaller or split it",
        ),
        Ended::Died(why) => Problem::new(
            "reader-killed",
            format!("读取此文件的进程异常终止（{why}），内容未能读取；请重新导出后提交，并告知维护人员"),
            format!(
                "the process that read this file came to a bad end ({why}); nothing was taken from it; export it again, and tell the maintainers"
            ),
        ),
        Ended::NotStarted(why) => Problem::new(
            "reader-not-started",
            format!("无法启动读取文件的进程（{why}），文件未读取；请运维人员检查后重新核验"),
            format!(
                "the process that reads files could not be started ({why}); the file was not read; see to the machine and verify again"
            ),
        ),
    }
}
