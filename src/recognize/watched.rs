//! Engines under watch: one that fails, panics or never comes back costs what it was asked, and no more.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use image::RgbImage;

use super::{Engine, EngineError, Hints, Recognition};
use crate::model::geometry::Rect;

/// How long an engine may take for a page: some fifty times what a dense one takes.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// How many engines are left behind before there is no other: each keeps its memory.
const PATIENT: usize = 3;

/// Opens the engine, once more for every time that it did not come back.
pub type Opener = Box<dyn Fn() -> Result<Box<dyn Engine>, EngineError> + Send + Sync>;

/// An engine under watch.
pub struct Watched {
    name: &'static str,
    version: String,
    patience: Duration,
    open: Opener,
    now: Mutex<Now>,
}

/// The engine that is asked now; none after too many did not come back.
struct Now {
    engine: Option<Arc<dyn Engine>>,
    left_behind: usize,
}

impl Watched {
    /// Opens an engine that may take so long.
    ///
    /// # Errors
    ///
    /// What the opener says.
    pub fn open(open: Opener, patience: Duration) -> Result<Self, EngineError> {
        let engine: Arc<dyn Engine> = open()?.into();
        let (name, version) = (engine.name(), engine.version());
        let now = Mutex::new(Now { engine: Some(engine), left_behind: 0 });
        Ok(Self { name, version, patience, open, now })
    }

    /// Asks the engine. Whoever asked and never got an answer is left behind with the engine, which is
    /// opened anew: it may hold what others wait for.
    fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&dyn Engine) -> Result<T, EngineError> + Clone + Send + 'static,
    ) -> Result<T, EngineError> {
        let mut asked = self.current()?;
        loop {
            let (answer, answered) = mpsc::channel();
            let (question, engine) = (question.clone(), Arc::clone(&asked));
            let asking = move || {
                let said = catch_unwind(AssertUnwindSafe(|| question(&*engine)));
                // Who asked may have gone.
                let _ = answer.send(said);
            };
            thread::Builder::new().spawn(asking).map_err(|error| self.failed(error.to_string()))?;
            match answered.recv_timeout(self.patience) {
                Ok(Ok(said)) => return said,
                Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(self.failed("it failed unexpectedly".to_owned()));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            // Another question may have hung, and this one only have waited behind it.
            asked = self.instead_of(&asked)?;
        }
    }

    fn current(&self) -> Result<Arc<dyn Engine>, EngineError> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.engine.clone().ok_or_else(|| self.failed(format!("it did not come back {PATIENT} times")))
    }

    /// The engine that was opened after this one; where this is the last, it is left behind.
    fn instead_of(&self, asked: &Arc<dyn Engine>) -> Result<Arc<dyn Engine>, EngineError> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = now.engine.as_ref().filter(|engine| !Arc::ptr_eq(engine, asked)) {
            return Ok(Arc::clone(other));
        }
        if now.engine.take().is_some() {
            now.left_behind += 1;
            // What cannot be opened again is not asked again.
            now.engine = if now.left_behind < PATIENT { (self.open)().ok().map(Arc::from) } else { None };
        }
        Err(self.failed(format!("it did not come back within {} seconds", self.patience.as_secs_f64())))
    }

    fn failed(&self, why: String) -> EngineError {
        EngineError::Failed { engine: self.name, why }
    }
}

impl Engine for Watched {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn recognize(&self, image: &RgbImage, hints: &Hints) -> Result<Recognition, EngineError> {
        let (image, hints) = (Arc::new(image.clone()), *hints);
        self.ask(move |engine| engine.recognize(&image, &hints))
    }

    fn reread(&self, image: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        let (image, boxes) = (Arc::new(image.clone()), boxes.to_vec());
        self.ask(move |engine| engine.reread(&image, &boxes))
    }
}
