//! Engines that read nothing: one answers from a list, one always fails. For tests of other layers.

use std::sync::{
    PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::{collections::VecDeque, sync::Mutex};

use image::RgbImage;

use super::{Engine, EngineError, Hints, Recognition};
use crate::model::geometry::Rect;

/// Answers from a list, in its order; afterwards with an empty page.
#[derive(Debug, Default)]
pub struct Replay {
    pages: Mutex<VecDeque<Recognition>>,
    lines: Mutex<VecDeque<Option<String>>>,
    asked: AtomicUsize,
}

impl Replay {
    /// An engine with these answers: `pages` for whole pages, `lines` for lines read again.
    #[must_use]
    pub fn new(pages: Vec<Recognition>, lines: Vec<Option<String>>) -> Self {
        Self { pages: Mutex::new(pages.into()), lines: Mutex::new(lines.into()), asked: AtomicUsize::new(0) }
    }

    /// How many pages it was asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Engine for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn version(&self) -> String {
        "replay".to_owned()
    }

    fn recognize(&self, image: &RgbImage, _: &Hints) -> Result<Recognition, EngineError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let next = self.pages.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Ok(next.unwrap_or_else(|| Recognition { size: image.dimensions(), ..Recognition::default() }))
    }

    fn reread(&self, _: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(boxes.iter().map(|_| lines.pop_front().flatten()).collect())
    }
}

/// Fails whatever it is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failing;

impl Failing {
    fn error() -> EngineError {
        EngineError::Failed { engine: "failing", why: "it always does".to_owned() }
    }
}

impl Engine for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn version(&self) -> String {
        "failing".to_owned()
    }

    fn recognize(&self, _: &RgbImage, _: &Hints) -> Result<Recognition, EngineError> {
        Err(Self::error())
    }

    fn reread(&self, _: &RgbImage, _: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        Err(Self::error())
    }
}
