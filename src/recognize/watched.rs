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

/// Opens the engine, once more for every time that it did not come back.
pub type Opener = Box<dyn Fn() -> Result<Box<dyn Engine>, EngineError> + Send + Sync>;

/// An engine under watch.
pub struct Watched {
    name: &'static str,
    version: String,
    patience: Duration,
    open: Opener,
    engine: Mutex<Arc<dyn Engine>>,
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
        Ok(Self { name, version, patience, open, engine: Mutex::new(engine) })
    }

    /// Asks the engine. Whoever asked and never got an answer is left behind with the engine, which is
    /// opened anew: it may hold what others wait for.
    fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&dyn Engine) -> Result<T, EngineError> + Clone + Send + 'static,
    ) -> Result<T, EngineError> {
        let mut asked = self.current();
        loop {
            let (answer, answered) = mpsc::channel();
            let (question, engine) = (question.clone(), Arc::clone(&asked));
            thread::spawn(move || {
                let said = catch_unwind(AssertUnwindSafe(|| question(&*engine)));
                // Who asked may have gone.
                let _ = answer.send(said);
            });
            match answered.recv_timeout(self.patience) {
                Ok(Ok(said)) => return said,
                Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(self.failed("it failed unexpectedly".to_owned()));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            let now = self.current();
            if Arc::ptr_eq(&now, &asked) {
                if let Ok(anew) = (self.open)() {
                    *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = anew.into();
                }
                let seconds = self.patience.as_secs_f64();
                return Err(self.failed(format!("it did not come back within {seconds} seconds")));
            }
            // Another question hung, and this one may only have waited behind it.
            asked = now;
        }
    }

    fn current(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.engine.lock().unwrap_or_else(PoisonError::into_inner))
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
