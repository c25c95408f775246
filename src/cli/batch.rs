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
    jobs::{self, Ended, Further, Local, Queue},
    model::{
        case::{CaseFiles, Examination},
        reuse::Use,
    },
    pipeline::{self, Tools},
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
    pub(super) today: NaiveDate,
    pub(super) lang: Lang,
    /// Where reports are written.
    pub(super) out: &'d Path,
    /// Whether each case is printed.
    pub(super) prints: bool,
}

/// A case and the folder of its reports.
pub(super) struct Wanted {
    pub(super) path: PathBuf,
    pub(super) folder: String,
}

/// What came of a case; where it could not be examined, why.
pub(super) type Came = Result<Done, String>;

/// A verified case whose reports are written: what lists show of it, what it uses that others might, too,
/// and what is printed of it.
pub(super) struct Done {
    pub(super) summary: Summary,
    pub(super) uses: Vec<Use>,
    pub(super) printed: String,
}

/// A verified case: what is remembered of it, what is printed of it, and the bytes of its reports by name.
struct Made {
    remembered: Remembered,
    printed: String,
    reports: Vec<(String, Vec<u8>)>,
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
    pub(super) fn verify(
        &self,
        wanted: &[Wanted],
        queue: &dyn Queue,
        workers: usize,
    ) -> anyhow::Result<Vec<Came>> {
        let all: Vec<usize> = (0..wanted.len()).collect();
        let mut came = self.worked(wanted, &all, queue, workers, &BTreeMap::new())?;
        let elsewhere = self.elsewhere(&came)?;
        let again: Vec<usize> = elsewhere.keys().copied().collect();
        let jobs = again.iter().map(|at| (job(*at), String::new()));
        let second = self.worked(wanted, &again, &Local::new(jobs), workers, &elsewhere)?;
        came.extend(second);
        Ok(came.into_values().collect())
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
        earlier.retain(|one| {
            !uses.iter().filter_map(|uses| uses.first()).any(|own| own.is_of_one_application(one))
        });
        let others = check::compare(&uses, &earlier);
        Ok(places.into_iter().zip(others).filter(|(_, others)| !others.is_empty()).collect())
    }

    /// Verifies those of the cases that are asked for, each with what others have in common with it.
    fn worked(
        &self,
        wanted: &[Wanted],
        which: &[usize],
        queue: &dyn Queue,
        workers: usize,
        elsewhere: &BTreeMap<usize, Vec<Use>>,
    ) -> anyhow::Result<BTreeMap<usize, Came>> {
        let done: Mutex<BTreeMap<usize, Done>> = Mutex::default();
        let trouble: Mutex<Option<anyhow::Error>> = Mutex::default();
        let label = if elsewhere.is_empty() { "verify" } else { "compare" };
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
            let progress = |at, of| {
                further.got();
                if let Some(step) = &step {
                    step.at(at, of);
                }
            };
            match self.done(one, &files, &progress) {
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
                    Ok((one, files)) => Ok(self.done(one, &files, &|_, _| {})?),
                    Err(why) => Err(why),
                },
            };
            Ok((*at, came))
        });
        came.collect()
    }

    /// Makes or finds the run of a case, and writes its reports.
    fn done(&self, one: &Wanted, files: &CaseFiles, progress: pipeline::Progress) -> anyhow::Result<Done> {
        let made = self.made(files, &self.key(files), progress)?;
        self.write(&one.folder, &made.reports)?;
        let printed = if self.prints { made.printed + &self.named(&one.folder) } else { String::new() };
        let Remembered { summary, uses } = made.remembered;
        Ok(Done { summary, uses, printed })
    }

    /// What a run of a case is found by: all that its reports depend on.
    fn key(&self, files: &CaseFiles) -> String {
        let key = pipeline::key(files, self.pack, self.tools, self.today);
        format!("{key}-{}", self.lang.of("zh", "en"))
    }

    /// The run of a case: found in the store, or made and recorded there.
    fn made(&self, files: &CaseFiles, key: &str, progress: pipeline::Progress) -> anyhow::Result<Made> {
        if let Some(made) = self.found(key)? {
            return Ok(made);
        }
        let case = pipeline::examine(files, self.pack, self.tools, self.today, progress);
        let remembered = Remembered { summary: Summary::of(&case), uses: case.uses.clone() };
        let reports = self.reports(&case)?;
        if let Some(store) = self.store {
            for document in case.documents.iter().filter(|one| files.attachments.contains_key(&one.name)) {
                let (id, format) = (&document.id.0, document.format.name());
                store.keep_document(id, format, &document.bytes, jobs::now()).map_err(memory::advised)?;
            }
            let named = |(name, bytes): &(String, Vec<u8>)| RunReport {
                name: name.clone(),
                sha256: read::id(bytes).0,
            };
            // What went wrong only this time is recorded, and not taken for what the case is.
            let once = pipeline::may_pass(&case.problems).then(|| format!("{key}-{}", jobs::now()));
            let run = jobs::record(
                &case,
                once.as_deref().unwrap_or(key),
                serde_json::to_string(&remembered)?,
                reports.iter().map(named).collect(),
            );
            let bytes = reports.iter().map(|(_, bytes)| bytes.clone()).collect();
            store.record(&run, bytes, jobs::now()).map_err(memory::advised)?;
        }
        let printed = text::examination(&case, self.lang, say::colour());
        Ok(Made { remembered, printed, reports })
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
        Ok(Some(Made { remembered, printed, reports }))
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
