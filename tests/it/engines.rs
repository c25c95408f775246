//! Engines that fail on purpose, and pages that are kept before their file is.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use heyan::{
    extract::reread_as,
    model::{
        document::Document,
        geometry::Rect,
        page::{Flaws, Origin, Word},
        value::{Money, Value},
    },
    pipeline::{self, Key, Shelf, Step, Tools},
    recognize::{Engine, EngineError, Hints, Recognition, Watched},
};
use heyan_fixtures::{
    dice::Dice,
    scene::{Page, font::Fonts, scan::Scan},
};
use image::RgbImage;

/// Reads one word on each page, but for that it is told to fail on, by the order in which it is asked.
struct Moody {
    asked: Arc<AtomicUsize>,
    fails: Option<(usize, Failure)>,
}

type Failure = fn();

const PANIC: Failure = || panic!("it fails on purpose");
const HANG: Failure = || {
    loop {
        thread::park();
    }
};

impl Engine for Moody {
    fn name(&self) -> &'static str {
        "moody"
    }

    fn version(&self) -> String {
        "moody".to_owned()
    }

    fn recognize(&self, image: &RgbImage, _: &Hints) -> Result<Recognition, EngineError> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some((_, fail)) = self.fails.filter(|(at, _)| *at == asked) {
            fail();
        }
        let origin = Origin::Recognized { engine: "moody", score: 1.0, flaws: Flaws::default() };
        let bounds = Rect::new(10.0, 10.0, 90.0, 30.0);
        let words = vec![Word { text: "word".to_owned(), bounds, edges: Vec::new(), origin }];
        Ok(Recognition { size: image.dimensions(), words, ..Recognition::default() })
    }

    fn reread(&self, _: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        Ok(vec![None; boxes.len()])
    }
}

#[derive(Default)]
struct Remembered(Mutex<BTreeMap<String, Vec<u8>>>);

impl Shelf for Remembered {
    fn find(&self, key: &Key) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&key.text()).cloned()
    }

    fn keep(&self, key: &Key, bytes: &[u8]) {
        self.0.lock().unwrap().insert(key.text(), bytes.to_vec());
    }
}

/// A scan of three pages with nothing on them.
fn scanned() -> Arc<[u8]> {
    let page = Page::new(Fonts::load().unwrap(), 200.0, 120.0);
    Scan::office(&mut Dice::new(1))
        .pdf(&[page.clone(), page.clone(), page], &mut Dice::new(2))
        .unwrap()
        .into()
}

/// The document, how often the engine was asked, and how many pages were said to be recognised anew.
fn read(
    bytes: &Arc<[u8]>,
    fails: Option<(usize, Failure)>,
    shelf: &Arc<Remembered>,
) -> (Document, usize, usize) {
    let (asked, anew) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let of_engine = Arc::clone(&asked);
    let open = move || Ok(Box::new(Moody { asked: Arc::clone(&of_engine), fails }) as Box<dyn Engine>);
    let engine = Box::new(Watched::open(Box::new(open), Duration::from_secs(1)).unwrap());
    let tools = Tools { shelf: Some(Box::new(Arc::clone(shelf))), ..Tools::new(vec![engine], 1).unwrap() };
    let files = BTreeMap::from([("a.pdf".to_owned(), Arc::clone(bytes))]);
    let mut read = pipeline::open(&files, &tools, &|step| {
        if let Step::Recognised { anew: true, .. } = step {
            anew.fetch_add(1, Ordering::SeqCst);
        }
    });
    (read.remove(0), asked.load(Ordering::SeqCst), anew.load(Ordering::SeqCst))
}

#[test]
fn an_engine_that_fails_costs_its_page_and_only_that_is_read_again() {
    for failure in [PANIC, HANG] {
        fails_once(failure);
    }
}

fn fails_once(failure: Failure) {
    let (bytes, shelf) = (scanned(), Arc::new(Remembered::default()));
    let (first, asked, anew) = read(&bytes, Some((1, failure)), &shelf);
    assert_eq!((asked, anew), (3, 3));
    let unread: Vec<_> = first.problems.iter().map(|problem| (problem.code, problem.page)).collect();
    assert_eq!(unread, [("page-not-read", Some(2))]);
    assert_eq!(first.pages.iter().map(|page| page.words.len()).collect::<Vec<_>>(), [1, 0, 1]);

    let (second, asked, anew) = read(&bytes, None, &shelf);
    assert_eq!((asked, anew), (1, 1), "the pages that were read are kept");
    assert!(second.problems.is_empty(), "{:?}", second.problems);
    assert_eq!(second.pages.iter().map(|page| page.words.len()).collect::<Vec<_>>(), [1, 1, 1]);

    let (third, asked, _) = read(&bytes, None, &shelf);
    assert_eq!(asked, 0, "and now the file is");
    let said = |document: &Document| serde_json::to_string(document).unwrap();
    assert_eq!(said(&third), said(&second));
    let (plain, ..) = read(&bytes, None, &Arc::new(Remembered::default()));
    assert_eq!(said(&plain), said(&second), "pages from the shelf are what is read");
}

#[test]
fn an_engine_that_never_comes_back_is_asked_no_more() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let open = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let asked = Arc::new(AtomicUsize::new(0));
        Ok(Box::new(Moody { asked, fails: Some((0, HANG)) }) as Box<dyn Engine>)
    };
    let engine = Watched::open(Box::new(open), Duration::from_millis(50)).unwrap();
    let said: Vec<String> = (0..5)
        .map(|_| {
            let hints = Hints { dpi: 200.0, upright: false };
            engine.recognize(&RgbImage::new(8, 8), &hints).unwrap_err().to_string()
        })
        .collect();
    let late = "moody: failed while reading: it did not come back within 0.05 seconds";
    let never = "moody: failed while reading: it did not come back 3 times";
    assert_eq!(said, [late, late, late, never, never]);
    assert_eq!(opened.load(Ordering::SeqCst), 3, "each keeps its memory");
}

#[test]
fn an_amount_that_is_read_again_is_all_of_the_text() {
    let own = Value::Money(Money::yuan("1375955.46".parse().unwrap()));
    for (text, read) in [
        ("1,375,955.46", Some("1375955.46")),
        ("¥ 1,375,955.46", Some("1375955.46")),
        ("1.375.955.46", Some("1375955.46")),
        ("1,375.955,46元", Some("1375955.46")),
        ("1375955.46", Some("1375955.46")),
        ("375,955.46", Some("375955.46")),
        ("-1,375,955.46", Some("-1375955.46")),
        // A part of a text is no amount, nor is what goes on behind one.
        ("1,375 / 955.46", None),
        ("1,375,955.46%", None),
        ("31,1375,955.46", None),
        ("日", None),
        ("", None),
    ] {
        assert_eq!(reread_as(&own, text).map(|value| value.wire()).as_deref(), read, "{text}");
    }
}
