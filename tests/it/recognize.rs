//! Reading pictures: the steps round the networks on made-up answers, and real pages where the
//! models are installed.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use heyan::{
    model::{
        geometry::{Rect, Size, Turn},
        page::{Origin, Page, TextLayer, Word},
    },
    recognize::{
        ENGINES, Engine, Hints, Recognition, open_all,
        pool::Pool,
        ppocr::{
            detect, direction,
            quad::Quad,
            read::{self, Glyph},
            twice::{self, Line},
        },
        replay::{Failing, Replay},
        tesseract, upright, wanted,
    },
};
use heyan_fixtures::scene::{
    Page as Scene, Style,
    font::{Face, Fonts},
    raster,
};
use image::{Rgb, RgbImage};

/// A map with a bar of probability 0.9, `half` long and thick, turned by `degrees` about its middle.
fn bar(size: usize, middle: (f32, f32), half: (f32, f32), degrees: f32) -> Vec<f32> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let inside = |i: usize| {
        let (x, y) = ((i % size) as f32 - middle.0, (i / size) as f32 - middle.1);
        (x * cos + y * sin).abs() <= half.0 && (y * cos - x * sin).abs() <= half.1
    };
    (0..size * size).map(|i| if inside(i) { 0.9 } else { 0.0 }).collect()
}

#[test]
fn a_rotated_bar_gets_a_rotated_box() {
    for degrees in [0.0_f32, 12.0, -20.0] {
        let found = detect::boxes(&bar(200, (100.0, 90.0), (60.0, 8.0), degrees), 200, 200, (2.0, 2.0));
        assert_eq!(found.len(), 1, "at {degrees} degrees");
        let quad = found[0];
        let middle = quad.at(0.5, 0.5);
        assert!((middle.0 - 201.0).abs() < 3.0 && (middle.1 - 181.0).abs() < 3.0, "{middle:?}");
        let (a, b) = (quad.corners[0], quad.corners[1]);
        assert!(((b.1 - a.1).atan2(b.0 - a.0).to_degrees() - degrees).abs() < 2.0, "{quad:?}");
        // 120 by 16 grows by 120 * 16 * 1.6 / 272 on every side, and the scale is 2.
        assert!((quad.width() - 287.0).abs() < 12.0, "width {}", quad.width());
        assert!((quad.height() - 80.0).abs() < 12.0, "height {}", quad.height());
    }
}

#[test]
fn faint_and_tiny_patches_are_no_text() {
    let faint: Vec<f32> = bar(100, (50.0, 50.0), (30.0, 6.0), 0.0).into_iter().map(|p| p * 0.45).collect();
    assert!(detect::boxes(&faint, 100, 100, (1.0, 1.0)).is_empty());
    assert!(detect::boxes(&bar(100, (50.0, 50.0), (0.4, 0.4), 0.0), 100, 100, (1.0, 1.0)).is_empty());
    assert!(detect::boxes(&[0.9; 12], 100, 100, (1.0, 1.0)).is_empty(), "a map of another size");
    assert!(detect::boxes(&[], 0, 0, (1.0, 1.0)).is_empty());
}

#[test]
fn boxes_come_row_by_row() {
    let mut map = vec![0.0; 300 * 100];
    for (left, top) in [(160, 21), (20, 24), (20, 64)] {
        for y in top..top + 10 {
            map[y * 300 + left..y * 300 + left + 80].fill(0.9);
        }
    }
    let lefts: Vec<(bool, bool)> = detect::boxes(&map, 300, 100, (1.0, 1.0))
        .iter()
        .map(|quad| (quad.corners[0].0 < 100.0, quad.corners[0].1 < 50.0))
        .collect();
    assert_eq!(lefts, [(true, true), (false, true), (true, false)]);
}

#[test]
fn only_what_the_red_channel_lacks_is_taken_from_colour() {
    let quad = |left, right, top| Quad::level(&Rect::new(left, top, right, top + 20.0));
    let red = [quad(100.0, 300.0, 0.0), quad(400.0, 500.0, 0.0), quad(0.0, 300.0, 100.0)];
    // A red label before a black value, a line in both, a red title of its own.
    let colour = [quad(0.0, 302.0, 1.0), quad(-2.0, 303.0, 99.0), quad(50.0, 200.0, 200.0)];
    let found = detect::only_in_colour(&colour, &red);
    let spans: Vec<(i32, i32)> = found
        .iter()
        .map(|quad| (quad.bounds().left.round() as i32, quad.bounds().right.round() as i32))
        .collect();
    assert_eq!(spans, [(0, 100), (50, 200)]);
}

#[test]
fn a_page_turns_by_the_vote_of_its_lines() {
    let wide = Quad::level(&Rect::new(0.0, 0.0, 100.0, 10.0));
    let tall = Quad::level(&Rect::new(0.0, 0.0, 10.0, 100.0));
    assert!(!direction::lies_on_its_side(&[wide, wide, tall]));
    assert!(direction::lies_on_its_side(&[wide, tall, tall]));
    assert!(direction::upside_down(&[0.9, 0.8, 0.1]));
    assert!(!direction::upside_down(&[0.9, 0.1, 0.1]));
    assert!(!direction::upside_down(&[]));
    assert_eq!(direction::voters(&[wide; 40]).len(), direction::VOTERS);

    // What a turn by the answer does to a picture with one dark corner.
    let mut image = RgbImage::from_pixel(6, 4, Rgb([255; 3]));
    image.put_pixel(0, 0, Rgb([0; 3]));
    for (turn, corner) in
        [(Turn::None, (0, 0)), (Turn::Quarter, (3, 0)), (Turn::Half, (5, 3)), (Turn::ThreeQuarters, (0, 5))]
    {
        assert_eq!(upright(&image, turn).get_pixel(corner.0, corner.1).0, [0; 3], "{turn:?}");
    }
}

/// A matrix in which each step is sure of one class.
fn steps(classes: usize, sure: &[usize]) -> Vec<f32> {
    let row = |class: usize| (0..classes).map(move |c| if c == class { 0.9 } else { 0.01 });
    sure.iter().flat_map(|&class| row(class)).collect()
}

#[test]
fn repeated_steps_are_one_character_in_their_middle() {
    let classes = ["", "1", "2", "元"].map(str::to_owned);
    let glyphs = read::decode(&steps(4, &[0, 1, 1, 1, 0, 1, 0, 3, 0, 0]), &classes, 10.0, None);
    let read: Vec<(&str, i32)> =
        glyphs.iter().map(|glyph| (glyph.text.as_str(), (glyph.middle * 100.0).round() as i32)).collect();
    assert_eq!(read, [("1", 25), ("1", 55), ("元", 75)]);
    assert!((read::mean_score(&glyphs) - 0.9).abs() < 1e-6);
    let mut scores = steps(4, &[0, 1, 0, 3, 0]);
    scores[3 * 4 + 2] = 0.05;
    let figures = read::decode(&scores, &classes, 5.0, Some(&[1, 2]));
    let figures: Vec<&str> = figures.iter().map(|glyph| glyph.text.as_str()).collect();
    assert_eq!(figures, ["1", "2"], "another character is read as the likeliest figure");
    assert!(read::decode(&[], &classes, 1.0, None).is_empty());
}

#[test]
fn words_part_at_spaces_and_gaps() {
    let glyphs = |text: &str, places: &[f32]| -> Vec<Glyph> {
        text.chars()
            .zip(places)
            .map(|(c, &x)| Glyph { text: c.to_string(), score: 0.9, middle: x / 200.0 })
            .collect()
    };
    let quad = Quad::level(&Rect::new(100.0, 50.0, 300.0, 75.0));
    let parts = |line: &[Glyph]| -> Vec<String> {
        read::words(line, &[], &quad, "test").into_iter().map(|word| word.text).collect()
    };
    let merged = glyphs("13%148.3", &[10., 20., 30., 70., 80., 90., 100., 110.]);
    assert_eq!(parts(&merged), ["13%", "148.3"]);
    assert_eq!(parts(&glyphs("ab cd", &[10., 20., 30., 40., 50.])), ["ab", "cd"]);
    assert_eq!(parts(&glyphs("营业执照", &[20., 70., 120., 170.])), ["营业执照"], "set apart evenly");
    assert_eq!(parts(&glyphs("2023年", &[10., 20., 30., 40., 55.])), ["2023年"]);
    assert!(parts(&[]).is_empty());

    // A ruling before the fourth character, drawn over the whole height, and a stroke that is not.
    let mut line = RgbImage::from_pixel(200, 25, Rgb([250; 3]));
    for y in 0..25 {
        line.put_pixel(55, y, Rgb([120; 3]));
        if (4..21).contains(&y) {
            line.put_pixel(30, y, Rgb([0; 3]));
        }
    }
    let rulings = read::rulings(&line);
    assert!(!rulings.is_empty() && rulings.iter().all(|at| (at * 200.0 - 55.5).abs() < 2.0), "{rulings:?}");
    let close = glyphs("堆垛机SR", &[10., 28., 46., 62., 71.]);
    let split: Vec<String> =
        read::words(&close, &rulings, &quad, "test").into_iter().map(|word| word.text).collect();
    assert_eq!(split, ["堆垛机", "SR"]);
    assert!(read::rulings(&RgbImage::new(2, 2)).is_empty());

    let words = read::words(&merged, &[], &quad, "test");
    for word in &words {
        assert_eq!(word.edges.len(), word.text.chars().count() + 1);
        assert!(word.edges.is_sorted(), "{:?}", word.edges);
        assert!((word.edges[0] - word.bounds.left).abs() < 0.01);
        assert!((word.edges[word.edges.len() - 1] - word.bounds.right).abs() < 0.01);
    }
    assert!((words[1].bounds.left - 165.0).abs() < 1.0, "{:?}", words[1].bounds);
}

#[test]
fn what_two_boxes_share_is_read_once() {
    let line = |text: &str, left: f64, right: f64, places: &[f64]| {
        let glyph = |(c, x): (char, &f64)| {
            let middle = ((x - left) / (right - left)) as f32;
            Glyph { text: c.to_string(), score: 0.9, middle }
        };
        let quad = Quad::level(&Rect::new(left, 50.0, right, 66.0));
        Line { quad, glyphs: text.chars().zip(places).map(glyph).collect(), rulings: Vec::new() }
    };
    let texts = |mut lines: Vec<Line>| -> Vec<String> {
        twice::settle(&mut lines);
        let text = |line: &Line| line.glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
        lines.iter().map(text).collect()
    };
    let label = |end: f64| line("注册资本2", 100.0, end, &[110.0, 132.0, 153.0, 175.0, 196.0]);
    let value = line("23500万元", 196.0, 260.0, &[199.0, 205.0, 211.0, 217.0, 223.0, 233.0, 245.0]);
    assert_eq!(texts(vec![label(198.0), value.clone()]), ["注册资本", "23500万元"]);
    assert_eq!(
        texts(vec![value.clone(), label(198.0)]),
        ["23500万元", "注册资本"],
        "whichever was found first"
    );
    assert_eq!(
        texts(vec![label(210.0), value]),
        ["注册资本", "23500万元"],
        "however far the label's box reaches"
    );
    let mut otherwise = vec![label(198.0), line("35万元", 196.0, 240.0, &[199.0, 205.0, 215.0, 227.0])];
    twice::settle(&mut otherwise);
    let scores: Vec<f32> = otherwise[1].glyphs.iter().map(|glyph| glyph.score).collect();
    assert_eq!((otherwise[0].glyphs.len(), scores), (4, vec![0.0, 0.9, 0.9, 0.9]), "2 or 3: nobody knows");
    let cut = line("2万元", 196.0, 230.0, &[199.0, 212.0, 224.0]);
    let figures = line("1,352", 160.0, 202.0, &[176.0, 181.0, 186.0, 192.0, 198.0]);
    assert_eq!(texts(vec![figures, cut]), ["1,352", "万元"], "the last figure of an amount");
    let beside = line("2.00", 200.0, 230.0, &[203.0, 209.0, 215.0, 221.0]);
    assert_eq!(texts(vec![label(200.0), beside]), ["注册资本2", "2.00"], "two figures side by side");
    let below = Line {
        quad: Quad::level(&Rect::new(196.0, 70.0, 260.0, 86.0)),
        ..line("2.00", 196.0, 260.0, &[199.0, 205.0, 211.0, 217.0])
    };
    assert_eq!(texts(vec![label(198.0), below]), ["注册资本2", "2.00"], "another row's");
}

#[test]
fn a_pool_never_lends_more_than_it_has() {
    let pool = Pool::new(vec![(), ()]);
    let (out, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let _lent = pool.take();
                    most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    out.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[test]
fn what_was_lent_comes_back_after_a_panic() {
    let pool = Pool::new(vec![7]);
    let fallen = thread::scope(|scope| {
        scope
            .spawn(|| {
                let _lent = pool.take();
                std::panic::resume_unwind(Box::new("fell"));
            })
            .join()
    });
    assert!(fallen.is_err());
    assert_eq!(*pool.take(), 7);
}

#[test]
fn pages_that_want_reading() {
    let whole = Rect::new(0.0, 0.0, 600.0, 800.0);
    let words = |count: usize| -> Vec<Word> {
        (0..count)
            .map(|i| Word {
                text: "字".to_owned(),
                bounds: Rect::new(0.0, i as f64 * 10.0, 60.0, i as f64 * 10.0 + 10.0),
                edges: Vec::new(),
                origin: Origin::Printed,
            })
            .collect()
    };
    let small = Rect::new(0.0, 0.0, 100.0, 100.0);
    // Beside the words, which stand at the left.
    let pasted = [Rect::new(100.0, 0.0, 600.0, 380.0), Rect::new(100.0, 400.0, 600.0, 780.0)];
    for (layer, pictures, count, expected) in [
        (TextLayer::None, vec![whole], 0, true),
        (TextLayer::None, vec![], 0, false),
        (TextLayer::None, vec![small], 0, true),
        (TextLayer::Doubtful, vec![], 40, true),
        (TextLayer::Trusted, vec![], 40, false),
        (TextLayer::Trusted, vec![whole], 40, false),
        (TextLayer::Trusted, vec![whole], 2, true),
        (TextLayer::Trusted, vec![small], 2, false),
        (TextLayer::Trusted, pasted.to_vec(), 40, true),
        (TextLayer::Trusted, pasted[..1].to_vec(), 40, true),
    ] {
        let page = Page {
            size: Size { width: 600.0, height: 800.0 },
            layer,
            words: words(count),
            pictures: pictures.clone(),
            ..Page::default()
        };
        assert_eq!(wanted(&page), expected, "{layer:?}, {pictures:?}, {count} words");
    }
}

#[test]
fn engines_for_tests_answer_as_they_are_told() {
    let image = RgbImage::new(8, 4);
    let page = Recognition { turn: Turn::Half, size: (8, 4), ..Recognition::default() };
    let replay = Replay::new(vec![page], vec![Some("1.00".to_owned()), None]);
    let hints = Hints { dpi: 200.0, upright: false };
    assert_eq!(replay.recognize(&image, &hints).map(|r| r.turn).ok(), Some(Turn::Half));
    assert_eq!(replay.recognize(&image, &hints).map(|r| (r.turn, r.size)).ok(), Some((Turn::None, (8, 4))));
    assert_eq!(replay.asked(), 2);
    let again = replay.reread(&image, &[Rect::default(); 3]).ok();
    assert_eq!(again, Some(vec![Some("1.00".to_owned()), None, None]));
    assert!(Failing.recognize(&image, &hints).is_err());
    assert!(Failing.reread(&image, &[]).is_err());
}

#[test]
fn the_second_engines_table_becomes_words() {
    let table = "level\tpage_num\n4\t1\t1\t1\t1\t0\t10\t20\t300\t40\t-1\t\n\
                 5\t1\t1\t1\t1\t1\t10\t20\t100\t40\t91.5\t金额\n5\t1\t1\t1\t1\t2\t10\t20\t100\t40\t91.5\t \n";
    let words = tesseract::words(table);
    assert_eq!(words.len(), 1);
    assert_eq!(words[0].text, "金额");
    assert_eq!(words[0].bounds, Rect::new(10.0, 20.0, 110.0, 60.0));
}

#[test]
fn a_missing_model_is_said_in_one_line() {
    let empty = tempfile::tempdir().expect("a folder");
    let (open, missing) = open_all(empty.path(), 1);
    assert_eq!(open.len() + missing.len(), ENGINES.len());
    let said =
        missing.iter().map(ToString::to_string).find(|said| said.starts_with("ppocr: ")).expect("a word");
    assert!(said.contains("is missing") && said.contains("make setup") && !said.contains('\n'), "{said}");
}

/// The engines, or `None` (said on the error channel) where the models are not installed.
pub(crate) fn engines() -> Option<Vec<Box<dyn Engine>>> {
    let (open, missing) = open_all(&heyan::cli::models(), 1);
    if missing.is_empty() {
        return Some(open);
    }
    for error in missing {
        eprintln!("skipped: {error}");
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "under CI every engine has to be there");
    None
}

/// A scanned licence of the fixtures, and the credit code on it.
fn licence() -> (RgbImage, String) {
    let case = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/factory-clean");
    let file = "attachments/01营业执照/营业执照.jpg";
    let truth = std::fs::read_to_string(case.join("truth.json")).expect("the truth");
    let truth: serde_json::Value = serde_json::from_str(&truth).expect("JSON");
    let code = truth["files"][file]["fields"]["uscc"].as_str().expect("a code").to_owned();
    (image::open(case.join(file)).expect("a picture").to_rgb8(), code)
}

#[test]
fn readers_that_are_engines_are_those_of_the_table() {
    assert_eq!(ENGINES.iter().map(|row| row.name).collect::<Vec<_>>(), heyan::model::fact::ENGINES);
}

#[test]
fn the_second_engine_reads_figures_between_rulings() {
    let Some(engines) = engines() else { return };
    let fonts = Fonts::load().expect("the fonts");
    for (at, amount) in ["1,028,885.04", "976,078.39", "51.60", "1,761,104.37"].into_iter().enumerate() {
        let mut page = Scene::new(fonts, 200.0, 60.0);
        page.text(60.0, 34.0, Style::new(Face::Song, 9.0), amount);
        // The rulings of a narrow cell, inside what is cut out.
        let right = 64.0 + page.measure(Style::new(Face::Song, 9.0), amount);
        page.frame(56.0, 24.0, right - 56.0, 13.0, 0.8, [20, 20, 24]);
        let image = raster::draw(&page, 150 + 25 * u32::try_from(at).expect("few")).expect("a picture");
        let scale = f64::from(image.width()) / 200.0;
        let cell = Rect::new(57.0, 25.5, f64::from(right) - 1.0, 35.5).scaled(scale, scale);
        let read = engines[1].reread(&image, &[cell]).expect("an answer");
        let figures = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        assert_eq!(read[0].as_deref().map(figures), Some(figures(amount)), "{read:?}");
    }
}

#[test]
fn a_scan_is_read_whichever_way_it_lies() {
    let Some(engines) = engines() else { return };
    let (mut image, code) = licence();
    // The title in the upper third turns red, and so all but vanishes in the red channel.
    for row in 0..image.height() / 3 {
        for column in 0..image.width() {
            let [r, g, b] = image.get_pixel(column, row).0;
            if r < 200 {
                image.put_pixel(column, row, Rgb([235, g.max(30), b.max(30)]));
            }
        }
    }
    for (given, back) in
        [(Turn::None, Turn::None), (Turn::Quarter, Turn::ThreeQuarters), (Turn::Half, Turn::Half)]
    {
        let read = engines[0]
            .recognize(&upright(&image, given), &Hints { dpi: 0.0, upright: false })
            .expect("an answer");
        assert_eq!(read.turn, back);
        assert_eq!(read.size, image.dimensions());
        let word = read.words.iter().find(|word| word.text.contains(&code)).expect("the credit code");
        let parted = read.words.iter().all(|word| !word.text.contains(char::is_whitespace));
        assert!(parted, "a word holds no white space");
        assert_eq!(word.edges.len(), word.text.chars().count() + 1);
        let title: String = read.words.iter().map(|word| word.text.as_str()).collect();
        assert!(title.contains("营业执照"), "the title is printed in red: {title}");
    }
}
