//! The networks themselves: loading them through ONNX Runtime and running them.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use ort::{
    environment::Environment,
    session::{RunOptions, Session},
    value::Tensor,
};

use super::{super::EngineError, NAME};

/// The runtime, in the folder of models.
const RUNTIME: &str = "libonnxruntime.so.1.32.0";
/// Finds lines.
const DETECTOR: &str = "PP-OCRv6_det_small.onnx";
/// Says which way up a line stands.
const CLASSIFIER: &str = "ch_ppocr_mobile_v2.0_cls_mobile.onnx";
/// Reads lines.
const READER: &str = "PP-OCRv6_rec_small.onnx";

/// The networks, as many of each as may work side by side.
pub(super) struct Networks {
    pub(super) detectors: Vec<Network>,
    pub(super) lines: Vec<Lines>,
}

/// What works on lines, those of one picture at a time.
pub(super) struct Lines {
    pub(super) classifier: Network,
    pub(super) reader: Network,
}

/// So many pictures share a detector. It takes three tenths of the time of a dense page and most
/// of the memory (300 to 490 MB), so that two pages seldom wait for each other; it has a
/// thread for each of them, for when they do. Lines are read by one: pages side by side gain more.
const SHARING: usize = 2;

/// After so many answers a network gives back what it took for them: pictures differ in size, and an arena
/// keeps the most that any took. Giving all back each time costs a tenth of the time, and no arena a quarter.
/// Lines take little and are many: every eight would cost a twentieth.
const PICTURES: u32 = 8;
const LINES: u32 = 64;

/// One network, how often it answered, and after how many answers it gives back memory.
pub(super) struct Network {
    session: Session,
    runs: u32,
    keeps: u32,
}

/// Loads what so many pictures at once need, and the reader's classes: the blank, the characters, the
/// space.
pub(super) fn load(models: &Path, pictures: usize) -> Result<(Networks, Vec<String>), EngineError> {
    for file in [RUNTIME, DETECTOR, CLASSIFIER, READER] {
        let path = models.join(file);
        if !path.is_file() {
            return Err(EngineError::Missing { engine: NAME, path });
        }
    }
    let environment = environment(models.join(RUNTIME))?;
    let network = |file: &str, threads: usize, keeps: u32| {
        session(environment, &models.join(file), threads)
            .map(|session| Network { session, runs: 0, keeps })
            .map_err(unusable)
    };
    let pictures = pictures.max(1);
    let mut networks = Networks { detectors: Vec::new(), lines: Vec::new() };
    for _ in 0..pictures.div_ceil(SHARING) {
        networks.detectors.push(network(DETECTOR, SHARING, PICTURES)?);
    }
    for _ in 0..pictures {
        networks
            .lines
            .push(Lines { classifier: network(CLASSIFIER, 1, LINES)?, reader: network(READER, 1, LINES)? });
    }
    let characters = networks
        .lines
        .first()
        .and_then(|lines| lines.reader.session.metadata().ok()?.custom("character"))
        .ok_or_else(|| unusable(format!("{READER} holds no characters")))?;
    let mut classes = vec![String::new()];
    classes.extend(characters.trim_end_matches('\n').split('\n').map(str::to_owned));
    classes.push(" ".to_owned());
    Ok((networks, classes))
}

/// The runtime is loaded once a process, from where it was first asked for.
fn environment(runtime: PathBuf) -> Result<&'static Environment, EngineError> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    ENVIRONMENT
        .get_or_init(|| {
            let builder = ort::init_from(&runtime).map_err(|error| error.to_string())?;
            builder.with_telemetry(false).build().map_err(|error| error.to_string())
        })
        .as_ref()
        .map_err(unusable)
}

fn session(environment: &Environment, model: &Path, threads: usize) -> Result<Session, String> {
    Session::builder(environment)
        .map_err(|error| error.to_string())?
        .with_intra_threads(threads)
        .map_err(|error| error.to_string())?
        // A thread without work leaves its core to the lines of other pages.
        .with_intra_op_spinning(false)
        .map_err(|error| error.to_string())?
        .with_inter_threads(1)
        .map_err(|error| error.to_string())?
        .with_memory_pattern(false)
        .map_err(|error| error.to_string())?
        // Scores of next to nothing are most of what the reader answers, and slow.
        .with_flush_to_zero()
        .map_err(|error| error.to_string())?
        .commit_from_file(model)
        .map_err(|error| format!("{}: {error}", model.display()))
}

impl Network {
    /// Runs the network on one picture of three planes, and takes what is wanted from its answer: the extents
    /// and the numbers. Those of a long line are 10 MB and more, so that they are not copied.
    pub(super) fn run<T>(
        &mut self,
        width: usize,
        height: usize,
        planes: Vec<f32>,
        take: impl FnOnce(&[usize], &[f32]) -> T,
    ) -> Result<T, EngineError> {
        let input = Tensor::from_array(([1, 3, height, width], planes)).map_err(failed)?;
        let mut options = RunOptions::new().map_err(failed)?;
        self.runs = self.runs.wrapping_add(1);
        if self.runs.is_multiple_of(self.keeps) {
            options.set("memory.enable_memory_arena_shrinkage", "cpu:0").map_err(failed)?;
        }
        let outputs = self.session.run_with_options(ort::inputs![input], &options).map_err(failed)?;
        let (shape, numbers) = outputs[0].try_extract_tensor::<f32>().map_err(failed)?;
        let extents: Vec<usize> =
            shape.iter().map(|&extent| usize::try_from(extent).unwrap_or_default()).collect();
        Ok(take(&extents, numbers))
    }
}

fn unusable(why: impl ToString) -> EngineError {
    EngineError::Unusable { engine: NAME, why: why.to_string() }
}

/// The network gave an answer, or none, that nobody can use.
pub(super) fn failed(why: impl ToString) -> EngineError {
    EngineError::Failed { engine: NAME, why: why.to_string() }
}
