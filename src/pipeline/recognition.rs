//! Pages without trustworthy text are drawn, read by the first engine, and filled with its words.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
};

use image::RgbImage;
use rayon::prelude::*;

use super::{Progress, Step, Tools, file::File, kept};
use crate::{
    draw,
    model::{
        anchor::Anchor,
        document::{Document, DocumentId, Format},
        geometry::{Rect, Size, Turn},
        look::Look,
        page::{Flat, Page, TextLayer, Word},
        paper::Paper,
        payload::{Node, Payload},
        problem::Problem,
        warp::{Onto, Warp},
    },
    recognize::{self, Engine, FlatPicture, Hints, Recognition, Symbol},
};

/// Resolution at which PDF pages are drawn for reading.
pub(super) const DPI: f64 = 200.0;

/// What is left round places that are read as a picture, in points: a line cut out closely is not found.
const ROOM: f64 = 8.0;
/// How far the middle of a character may lie beside the place it is read for, in points.
const MARGIN: f64 = 2.0;
/// How far a ruling's edge is drawn beyond it, in points.
const HALO: f64 = 0.4;

/// The resolution a page is drawn with: 0 keeps a picture's own pixels.
pub(super) fn dpi(format: Format) -> f64 {
    if format.is_picture() { 0.0 } else { DPI }
}

/// Whether a page is looked at as a picture: to read its words, or a code on it.
pub(super) fn wanted(page: &Page) -> bool {
    recognize::wanted(page) || !recognize::like_codes(page).is_empty()
}

/// Reads every page that needs it; what fails is a problem of that page alone. A file is finished as
/// soon as its last page is read.
pub(super) fn recognize(files: &[File], tools: &Tools, progress: Progress) {
    let wanted: Vec<(&File, usize, usize)> =
        files.iter().flat_map(|file| file.wanted.iter().map(move |(d, p)| (file, *d, *p))).collect();
    let done = AtomicUsize::new(0);
    wanted.par_iter().with_max_len(1).for_each(|(file, document, page)| {
        let answer = file.with(*document, |document| {
            let page = document.pages.get(*page)?;
            Some(found_or_read(file, document, page, tools))
        });
        let (answer, anew) = answer.flatten().unzip();
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress(Step::Recognised { done, of: wanted.len(), anew: anew.unwrap_or_default() });
        if file.answered(*document, *page, answer) {
            file.finish(tools, progress);
        }
    });
}

/// Takes a page of a file with several from the shelf, or reads it and keeps it, so that who is stopped at
/// the last page has the others; answers whether it was read.
fn found_or_read(file: &File, document: &Document, page: &Page, tools: &Tools) -> (Answer, bool) {
    let (shelf, key) = match (&tools.shelf, file.key_of(document, page)) {
        (Some(shelf), Some(key)) => (shelf, key),
        _ => return (read(document, page, tools), true),
    };
    if let Some((symbols, look, words)) = shelf.find(&key).and_then(|found| kept::opened(&found)) {
        return (Answer { symbols, look, words: Words::Read(words) }, false);
    }
    let answer = read(document, page, tools);
    if let Words::Read(words) = &answer.words
        && let Some(bytes) = kept::sealed(&(&answer.symbols, &answer.look, words))
    {
        shelf.keep(&key, &bytes);
    }
    (answer, true)
}

/// Draws a page, and reads what has to be read on it.
fn read(document: &Document, page: &Page, tools: &Tools) -> Answer {
    let image = tools.opener.draw(document, page.number, page.turn, dpi(document.format));
    let symbols = image.as_ref().map_or_else(
        |_| Vec::new(),
        |image| {
            // A code that makes its reader fail is none.
            catch_unwind(AssertUnwindSafe(|| symbols(image, page))).unwrap_or_default()
        },
    );
    // A page of which only places are read as a picture says in its text what it is.
    let whole = recognize::wanted(page) && !partial(page);
    let look = image.as_ref().ok().filter(|_| whole).and_then(recognize::look);
    let words = match tools.engines.first() {
        _ if !recognize::wanted(page) => Words::NotWanted,
        None => Words::NoEngine,
        Some(engine) => {
            let image = image.map_err(|error| error.to_string());
            let read = image.and_then(|image| {
                catch_unwind(AssertUnwindSafe(|| words(image, page, &**engine)))
                    .unwrap_or_else(|_| Err("the program failed at it".to_owned()))
            });
            read.map_or_else(Words::Failed, Words::Read)
        }
    };
    Answer { symbols, look, words }
}

/// The codes of a page, in points of the page as it lies.
fn symbols(image: &RgbImage, page: &Page) -> Vec<Symbol> {
    let (x, y) = scale(image.dimensions(), page.size);
    if recognize::wanted(page) {
        let found = recognize::symbols(image).into_iter();
        return found.map(|one| Symbol { bounds: one.bounds.scaled(x, y), ..one }).collect();
    }
    let places = recognize::like_codes(page);
    let found = places.iter().filter_map(|place| {
        // A code needs a light margin to be found.
        let part = draw::crop(image, page.size, place, ROOM);
        let found = recognize::symbols(&part).into_iter().next()?;
        Some(Symbol { bounds: *place, ..found })
    });
    found.collect()
}

/// What an engine reads on a page, or why it reads nothing.
fn words(mut image: RgbImage, page: &Page, engine: &dyn Engine) -> Result<Recognition, String> {
    let partial = partial(page);
    if partial {
        let seen: Vec<Rect> = page.doubtful.iter().map(|place| place.grown(ROOM)).collect();
        draw::only(&mut image, page.size, &seen, 0.0);
        // Between the rulings of a table that are all that is left of it, no line is found.
        draw::without(&mut image, page.size, &page.strokes, HALO);
    }
    // A few words do not say which way a page lies; the rest of it did.
    let hints = Hints { dpi: DPI, upright: partial };
    engine.recognize(&image, &hints).map_err(|error| error.to_string())
}

/// What came of looking at a page.
pub(super) struct Answer {
    /// Codes, in points of the page as it lay.
    symbols: Vec<Symbol>,
    /// What the page looks like as it lies, where it is a picture as a whole.
    look: Option<Look>,
    words: Words,
}

/// What came of reading a page's words.
enum Words {
    Read(Recognition),
    Failed(String),
    NoEngine,
    NotWanted,
}

impl Answer {
    /// Puts it on its page, and adds what its codes say and what is left to say to the document.
    pub(super) fn put_on(self, document: &mut Document, page: usize) {
        let Some(page) = document.pages.get_mut(page) else { return };
        page.look = self.look;
        let (size, turn) = match &self.words {
            Words::Read(recognition) if !partial(page) => (page.size, recognition.turn),
            _ => (page.size, Turn::None),
        };
        let problem = match self.words {
            Words::NotWanted => None,
            Words::Read(recognition) => match fill(page, recognition) {
                0 => None,
                left => Some(unread_places(left)),
            },
            Words::Failed(why) => Some(Problem::new(
                "page-not-read",
                format!("本页无法识别：{why}"),
                format!("this page could not be read: {why}"),
            )),
            Words::NoEngine => Some(Problem::new(
                "page-not-read",
                "本页是图像，没有可用的文字识别引擎；请运行 make setup 安装",
                "this page is a picture and there is no engine to read it; install one with make setup",
            )),
        };
        document.problems.extend(problem.map(|problem| problem.at(&document.name).on_page(page.number)));
        let back = page.flat.and_then(|flat| flat.onto.back());
        document.payloads.extend(self.symbols.into_iter().map(|one| {
            let upright = one.bounds.turned(size, turn);
            let place = back.map_or(upright, |back| back.bounds(&upright));
            Payload {
                kind: "Qr".to_owned(),
                part: format!("page {}", page.number),
                nodes: vec![Node {
                    path: "Qr/Text".to_owned(),
                    text: one.text,
                    places: vec![(page.number, place)],
                }],
            }
        }));
    }
}

/// Whether only some places of a page are read as a picture, and nothing else of it is touched.
fn partial(page: &Page) -> bool {
    page.layer == TextLayer::Trusted && !page.doubtful.is_empty() && !recognize::sparse(page)
}

/// What of a word lies in a place: its neighbours on the line were seen with it.
fn inside(word: &Word, place: &Rect) -> Option<Word> {
    let count = word.text.chars().count();
    // A line that runs up or down has no edges to part it by.
    let level = word.edges.len() == count + 1 && word.bounds.width() >= word.bounds.height();
    if !level || count < 2 {
        return place.holds(&word.bounds).then(|| word.clone());
    }
    let kept: Vec<usize> =
        (0..count).filter(|at| place.grown(MARGIN).holds(&word.part(*at, at + 1))).collect();
    let (from, to) = (*kept.first()?, kept.last()? + 1);
    Some(Word {
        text: word.text.chars().skip(from).take(to - from).collect(),
        bounds: word.part(from, to),
        edges: word.edges.get(from..=to)?.to_vec(),
        origin: word.origin,
    })
}

/// Puts recognised words on a page, in points. Answers how many places that had to be read were not.
fn fill(page: &mut Page, recognition: Recognition) -> usize {
    if partial(page) {
        // What was read upright stays so, whatever a few words in an empty picture look like.
        if recognition.turn != Turn::None {
            return page.doubtful.len();
        }
        let scale = scale(recognition.size, page.size);
        page.seals = placed(recognition.seals, scale);
        let words = placed(recognition.words, scale);
        let mut left = 0;
        for place in std::mem::take(&mut page.doubtful) {
            let read: Vec<Word> = words.iter().filter_map(|word| inside(word, &place)).collect();
            left += usize::from(read.is_empty());
            page.words.extend(read);
            page.doubtful.push(place);
        }
        return left;
    }
    if matches!(recognition.turn, Turn::Quarter | Turn::ThreeQuarters) {
        page.size = Size { width: page.size.height, height: page.size.width };
    }
    if recognition.turn != Turn::None {
        // Strokes and pictures were found on the page as it lay.
        page.strokes.clear();
        page.pictures.clear();
    }
    page.turn = sum(page.turn, recognition.turn);
    let turned = recognition.turn != Turn::None;
    let scale = scale(recognition.size, page.size);
    if let Some(flat) = &recognition.flat {
        lay_flat(page, flat, scale);
    }
    page.seals = placed(recognition.seals, scale);
    page.strokes.extend(recognition.rulings.iter().map(|ruling| ruling.scaled(scale.0, scale.1)));
    let words = placed(recognition.words, scale);
    // What a form says is often in no picture, and what else is printed is better known than read.
    if page.layer != TextLayer::Doubtful && !turned {
        let printed = page.words.clone();
        page.words.extend(words.into_iter().filter(|word| {
            !printed.iter().any(|own| word.bounds.holds(&own.bounds) || own.bounds.holds(&word.bounds))
        }));
    } else {
        page.words = words;
    }
    0
}

/// Brings what is known of an upright page to where it stands on the flat one; `x` and `y` are points a
/// pixel.
fn lay_flat(page: &mut Page, how: &FlatPicture, (x, y): (f64, f64)) {
    let onto = how.onto.rescaled((x, y), (x, y));
    let Some(back) = onto.back() else { return };
    let printed: Vec<Rect> = page.words.iter().map(|word| word.bounds).collect();
    page.map(&back);
    // What is printed on the page itself lies level and not as the scan does: it only moves.
    for (word, own) in page.words.iter_mut().zip(printed) {
        let (x, y) = (word.bounds.center_x(), word.bounds.center_y());
        let (across, down) = (own.width() / 2.0, own.height() / 2.0);
        word.bounds = Rect::new(x - across, y - down, x + across, y + down);
    }
    let (width, height) = (f64::from(how.size.0) * x, f64::from(how.size.1) * y);
    page.flat = Some(Flat { onto, size: std::mem::replace(&mut page.size, Size { width, height }) });
}

/// A drawn page as its words were read, and how many points a pixel of it is.
pub(super) fn as_read(image: RgbImage, page: &Page) -> (RgbImage, (f64, f64)) {
    let Some(flat) = page.flat else {
        let scale = scale(image.dimensions(), page.size);
        return (image, scale);
    };
    let (x, y) = scale(image.dimensions(), flat.size);
    let onto = flat.onto.rescaled((1.0 / x, 1.0 / y), (1.0 / x, 1.0 / y));
    let size = ((page.size.width / x).round() as u32, (page.size.height / y).round() as u32);
    (recognize::flat(&image, &FlatPicture { onto, size }), (x, y))
}

/// Puts what was read of pages that were laid flat where it stands on the pages as they lie.
pub(super) fn lay_back(documents: &mut [Document], papers: &mut [Paper]) {
    let mut flat: BTreeMap<(DocumentId, u32), Warp> = BTreeMap::new();
    for document in documents {
        for page in &mut document.pages {
            let Some(Flat { onto, size }) = page.flat.take() else { continue };
            page.map(&onto);
            page.size = size;
            flat.insert((document.id.clone(), page.number), onto);
            let nodes = document.payloads.iter_mut().flat_map(|payload| &mut payload.nodes);
            for (_, place) in nodes.flat_map(|node| &mut node.places).filter(|(at, _)| *at == page.number) {
                *place = onto.bounds(place);
            }
        }
    }
    for paper in papers.iter_mut().filter(|_| !flat.is_empty()) {
        let document = &paper.document;
        paper.record.for_each_mut(&mut |fact| {
            for anchor in &mut fact.evidence.anchors {
                if let Anchor::Box { page, bounds } = anchor
                    && let Some(onto) = flat.get(&(document.clone(), *page))
                {
                    *bounds = onto.bounds(bounds);
                }
            }
        });
    }
}

fn unread_places(count: usize) -> Problem {
    Problem::new(
        "places-not-read",
        format!(
            "本页有 {count} 处文字不可信（字体编码有误，或可能被遮盖），图像识别也未能读出；请人工查看，或提交扫描件"
        ),
        format!(
            "{count} places on this page cannot be believed (their font is wrong about them, or something may cover them) and were not read as pictures either; look at the page, or hand in a scan"
        ),
    )
}

/// Recognised words in points of the page; `x` and `y` are points a pixel.
fn placed(words: Vec<Word>, (x, y): (f64, f64)) -> Vec<Word> {
    let words = words.into_iter().map(|word| Word {
        bounds: word.bounds.scaled(x, y),
        edges: word.edges.iter().map(|edge| edge * x).collect(),
        ..word
    });
    words.collect()
}

/// What brings pixels of a picture to points of the page that it shows.
fn scale((width, height): (u32, u32), page: Size) -> (f64, f64) {
    (page.width / f64::from(width.max(1)), page.height / f64::from(height.max(1)))
}

fn sum(first: Turn, then: Turn) -> Turn {
    const TURNS: [Turn; 4] = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];
    let quarters = |turn: Turn| TURNS.iter().position(|t| *t == turn).unwrap_or(0);
    TURNS.get((quarters(first) + quarters(then)) % 4).copied().unwrap_or_default()
}
