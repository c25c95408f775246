//! Cases verified side by side, each once, whatever happens in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{case, crops::Crops, memory, say, whole::whole};
use crate::{
    check,
    jobs::{self, Ended, Further, Local, Queue, Stored},
    model::{
        case::{CaseFiles, Examination},
        reuse::Use,
    },
    pipeline::{self, Step, Tools},
    read,
    report::{Lang, Options, REPORTS, batch::Summary, text},
    rulebook::packs::Pack,
    store::{Lease, RunReport, State, Store},
};

/// The report that is printed and not written.
const PRINTED: &str = "report.txt";

/// Everything that cases are verified with.
pub(super) struct Desk<'d> {
    pub(super) pack: &'d Pack,
    pub(super) tools: &'d Tools,
    pub(super) store: Option<&'d Store>,
    /// The batch in the store.
    pub(super) batch: &'d str,
    pub(super) today: NaiveDate,
    pub(super) lang: Lang,
    /// Where reports are written.
    pub(super) out: &'d Path,
    /// Whether each case is printed.
    pub(super) prints: bool,
    /// Whether each file that is read is said.
    pub(super) says_files: bool,
}

/// A case and the folder of its reports.
pub(super) struct Wanted {
    pub(super) path: PathBuf,
    pub(super) folder: String,
}

/// What came of a case; where it could not be examined, why.
pub(super) type Came = Result<Done, String>;

/// A verified case: what lists show of it, what it uses that others might, too, and what is printed of it.
pub(super) struct Done {
    pub(super) summary: Summary,
    pub(super) printed: String,
    uses: Vec<Use>,
    /// The run whose reports are still to be written.
    unwritten: Option<String>,
}

/// A verified case: what is remembered of it, what is printed of it, and the bytes of its reports by name.
struct Made {
    remembered: Remembered,
    printed: String,
    reports: Vec<(String, Vec<u8>)>,
    /// Whether something went wrong that may go right the next time.
    may_pass: bool,
}

/// What the store keeps of a case for whoever finds its run again.
#[derive(Serialize, Deserialize)]
struct Remembered {
    summary: Summary,
    uses: Vec<Use>,
}

impl Desk<'_> {
    /// Verifies cases side by side and writes their reports; answers what came of each, in their order.
    /// Those that have something in common with others are looked at once more, with that.
    pub(super) fn verify(&self, wanted: &[Wanted], workers: usize) -> anyhow::Result<Vec<Came>> {
        let all: Vec<usize> = (0..wanted.len()).collect();
        let mut came = self.worked(wanted, &all, workers, &BTreeMap::new())?;
        let elsewhere = self.elsewhere(&came)?;
        let again: Vec<usize> = elsewhere.keys().copied().collect();
        came.extend(self.worked(wanted, &again, workers, &elsewhere)?);
        for (at, one) in wanted.iter().enumerate() {
            let Some(Ok(Done { unwritten: Some(key), .. })) = came.get(&at) else { continue };
            if let Some(made) = self.found(key)? {
                self.write(&one.folder, &made.reports)?;
            }
        }
        if let Some(store) = self.store {
            for batch in [self.batch.to_owned(), self.compared()] {
                store.finish(&batch).map_err(memory::advised)?;
            }
        }
        Ok(came.into_values().collect())
    }

    /// The batch of those that are looked at once more.
    fn compared(&self) -> String {
        format!("{}-compared", self.batch)
    }

    /// What others use of what the cases use: the other cases, and those that the store knows.
    fn elsewhere(&self, came: &BTreeMap<usize, Came>) -> anyhow::Result<BTreeMap<usize, Vec<Use>>> {
        let (places, uses): (Vec<usize>, Vec<Vec<Use>>) =
            came.iter().filter_map(|(at, came)| Some((*at, came.as_ref().ok()?.uses.clone()))).unzip();
        let keys: BTreeSet<&str> = uses.iter().flatten().map(|one| one.key.as_str()).collect();
        let mut earlier = match self.store {
            Some(store) => store.uses(&keys.into_iter().collect::<Vec<_>>()).map_err(memory::advised)?,
            None => Vec::new(),
        };
        // What the store knows of these cases is what they were, or what was just found.
        let mut itself: BTreeMap<&str, Vec<&Use>> = BTreeMap::new();
        let mut twice = 0;
        for own in uses.iter().filter_map(|uses| uses.first()) {
            let of_id = itself.entry(&own.application).or_default();
            twice += usize::from(of_id.iter().any(|known| known.is_of_one_application(own)));
            of_id.push(own);
        }
        if twice > 0 {
            say::hint(&format!(
                "{twice} of the cases have identifier and applicant of another: they count as one application and are not held against each other"
            ));
        }
        let is_own = |one: &Use| {
            let own = itself.get(one.application.as_str());
            own.is_some_and(|own| own.iter().any(|own| own.is_of_one_application(one)))
        };
        earlier.retain(|one| !is_own(one));
        let others = check::compare(&uses, &earlier);
        Ok(places.into_iter().zip(others).filter(|(_, others)| !others.is_empty()).collect())
    }

    /// Verifies those of the cases that are asked for, each with what others have in common with it.
    fn worked(
        &self,
        wanted: &[Wanted],
        which: &[usize],
        workers: usize,
        elsewhere: &BTreeMap<usize, Vec<Use>>,
    ) -> anyhow::Result<BTreeMap<usize, Came>> {
        if which.is_empty() {
            return Ok(BTreeMap::new());
        }
        let first = elsewhere.is_empty();
        let batch = if first { self.batch.to_owned() } else { self.compared() };
        let jobs =
            which.iter().filter_map(|at| Some((job(*at), wanted.get(*at)?.path.display().to_string())));
        let (local, stored);
        let queue: &dyn Queue = match self.store {
            Some(store) => {
                for (key, path) in jobs {
                    store.push(&batch, &key, &path).map_err(memory::advised)?;
                }
                stored = Stored { store, batch: &batch };
                &stored
            }
            None => {
                local = Local::new(jobs);
                &local
            }
        };
        let done: Mutex<BTreeMap<usize, Done>> = Mutex::default();
        let trouble: Mutex<Option<anyhow::Error>> = Mutex::default();
        let label = if first { "verify" } else { "compare" };
        let of_cases = (which.len() > 1).then(|| say::Progress::new(label, "cases"));
        let loaded = |at: usize| -> Result<(&Wanted, CaseFiles), String> {
            let one = wanted.get(at).ok_or("there is no such case in the batch")?;
            let mut files = case::load(&one.path, self.tools).map_err(|error| format!("{error:#}"))?;
            files.elsewhere = elsewhere.get(&at).cloned().unwrap_or_default();
            Ok((one, files))
        };
        let handle = |lease: &Lease, further: &Further| {
            let at = lease.key.parse().unwrap_or(usize::MAX);
            let (one, files) = match loaded(at) {
                Ok(loaded) => loaded,
                Err(why) => return Ended::Broken(why),
            };
            let step = of_cases.is_none().then(|| say::Progress::new(&files.name, "pages"));
            let progress = |made: Step| {
                // What was kept before is no progress: a page that kills its worker follows the others each time.
                if !matches!(made, Step::Recognised { anew: false, .. }) {
                    further.got();
                }
                if let Some(step) = &step {
                    step.step(made);
                }
                if let (true, Step::Read { file, pages }) = (self.says_files, made) {
                    let said =
                        text::printable(&format!("read {} · {file}: {pages} pages or sheets", files.name));
                    of_cases.as_ref().or(step.as_ref()).into_iter().for_each(|bar| bar.note(&said));
                }
            };
            match self.done(one, &files, first, &progress) {
                Ok(made) => {
                    let mut done = locked(&done);
                    done.insert(at, made);
                    if let Some(of_cases) = &of_cases {
                        of_cases.at(done.len(), which.len());
                    }
                    Ended::Done
                }
                Err(error) => {
                    locked(&trouble).get_or_insert(error);
                    Ended::Stop
                }
            }
        };
        jobs::work(queue, workers.min(which.len()), &handle).map_err(memory::advised)?;
        drop(of_cases);
        if let Some(error) = trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let jobs = queue.jobs().map_err(memory::advised)?;
        let given_up: BTreeMap<&str, &str> = jobs
            .iter()
            .filter(|job| job.state == State::Dead)
            .map(|job| (job.key.as_str(), job.said.as_str()))
            .collect();
        let came = which.iter().map(|at| {
            let came = match (done.remove(at), given_up.get(job(*at).as_str())) {
                (Some(done), _) => Ok(done),
                (None, Some(why)) => Err((*why).to_owned()),
                // This command was done with it before it was stopped, or another process was. The case
                // may have changed since: what it is now decides whether that is still its run.
                (None, None) => match loaded(*at) {
                    Ok((one, files)) => Ok(self.done(one, &files, first, &|_| {})?),
                    Err(why) => Err(why),
                },
            };
            Ok((*at, came))
        });
        came.collect()
    }

    /// Makes or finds the run of a case, and writes its reports. What is found for the first time in a
    /// batch is written when it is known what others use: reports may be there that say so already.
    fn done(
        &self,
        one: &Wanted,
        files: &CaseFiles,
        first: bool,
        progress: pipeline::Progress,
    ) -> anyhow::Result<Done> {
        let key = self.key(files);
        let found = self.found(&key)?;
        let waits = first && found.is_some();
        let made = match found {
            Some(made) => made,
            None => self.made(files, &key, progress)?,
        };
        if !waits {
            self.write(&one.folder, &made.reports)?;
        }
        let printed = if self.prints { made.printed + &self.named(&one.folder) } else { String::new() };
        let Remembered { summary, uses } = made.remembered;
        if let Some(store) = self.store
            && !made.may_pass
        {
            store.index(&uses).map_err(memory::advised)?;
        }
        Ok(Done { summary, printed, uses, unwritten: waits.then_some(key) })
    }

    /// What a run of a case is found by: all that its reports depend on.
    fn key(&self, files: &CaseFiles) -> String {
        let key = pipeline::key(files, self.pack, self.tools, self.today);
        format!("{key}-{}", self.lang.of("zh", "en"))
    }

    /// Examines a case and records the run.
    fn made(&self, files: &CaseFiles, key: &str, progress: pipeline::Progress) -> anyhow::Result<Made> {
        let case = pipeline::examine(files, self.pack, self.tools, self.today, progress);
        let remembered = Remembered { summary: Summary::of(&case), uses: case.uses.clone() };
        let reports = self.reports(&case)?;
        let may_pass = pipeline::may_pass(&case.problems);
        if let Some(store) = self.store {
            let handed_in = jobs::hand_in(store, files, &case).map_err(memory::advised)?;
            let named = |(name, bytes): &(String, Vec<u8>)| RunReport {
                name: name.clone(),
                sha256: read::id(bytes).0,
            };
            // What went wrong only this time is recorded, and not taken for what the case is.
            let once = may_pass.then(|| format!("{key}-{}", jobs::now()));
            let run = jobs::record(
                &case,
                once.as_deref().unwrap_or(key),
                serde_json::to_string(&remembered)?,
                handed_in,
                reports.iter().map(named).collect(),
            );
            let bytes = reports.iter().map(|(_, bytes)| bytes.clone()).collect();
            store.record(&run, bytes, jobs::now()).map_err(memory::advised)?;
        }
        let printed = text::examination(&case, self.lang, say::colour());
        Ok(Made { remembered, printed, reports, may_pass })
    }

    /// A run that was recorded before, if it and all its reports are there.
    fn found(&self, key: &str) -> anyhow::Result<Option<Made>> {
        let Some(store) = self.store else { return Ok(None) };
        let Some((remembered, named)) = store.run(key).map_err(memory::advised)? else { return Ok(None) };
        let Ok(remembered) = serde_json::from_str(&remembered) else { return Ok(None) };
        let (mut printed, mut reports) = (String::new(), Vec::new());
        for report in named {
            let Some(bytes) = store.report(&report.sha256).map_err(memory::advised)? else { return Ok(None) };
            if report.name == PRINTED {
                printed = String::from_utf8_lossy(&bytes).into_owned();
            }
            reports.push((report.name, bytes));
        }
        Ok(Some(Made { remembered, printed, reports, may_pass: false }))
    }

    fn reports(&self, case: &Examination) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let crops = Crops::of(&*self.tools.opener);
        let draw = |d: &_, p, b| crops.crop(d, p, b);
        let options = Options { lang: self.lang, colour: false, crops: &draw };
        let made = REPORTS
            .iter()
            .map(|kind| Ok((format!("report.{}", kind.extension), (kind.make)(case, &options)?)));
        made.collect()
    }

    /// Writes what is not there yet, or not so.
    fn write(&self, folder: &str, reports: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
        for (name, bytes) in reports.iter().filter(|(name, _)| name != PRINTED) {
            let path = self.out.join(folder).join(name);
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                whole(&path, bytes)?;
            }
        }
        Ok(())
    }

    /// Where the reports of a case are.
    fn named(&self, folder: &str) -> String {
        let written =
            REPORTS.iter().map(|kind| format!("report.{}", kind.extension)).filter(|name| name != PRINTED);
        let paths: Vec<String> =
            written.map(|name| self.out.join(folder).join(name).display().to_string()).collect();
        format!("→ {}\n\n", paths.join("  "))
    }
}

fn locked<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name of a batch: the same command over the same cases is the same batch.
pub(super) fn name(wanted: &[Wanted], out: &Path, how: &str) -> anyhow::Result<String> {
    let mut all = how.as_bytes().to_vec();
    for path in wanted.iter().map(|one| one.path.as_path()).chain([out]) {
        let path = std::path::absolute(path).with_context(|| format!("{} leads nowhere", path.display()))?;
        all.push(0);
        all.extend(path.as_os_str().as_encoded_bytes());
    }
    Ok(read::id(&all).0)
}

/// The name of a case in its batch, in whose order cases are handed out.
pub(super) fn job(at: usize) -> String {
    format!("{at:08}")
}
