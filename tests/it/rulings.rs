//! Rulings of tables in pictures that somebody took.

use heyan::{
    arrange::arrange,
    model::{
        geometry::{Rect, Size},
        page::{Origin, Page, Word},
    },
    recognize::ruled::rulings,
};
use image::{Rgb, RgbImage};

const COLUMNS: [f64; 4] = [150.0, 420.0, 700.0, 1100.0];
const ROWS: [f64; 4] = [200.0, 260.0, 330.0, 390.0];

/// A picture of a ruled table whose ground is lit unevenly, leaning so much to the right, with upright strokes
/// of characters in its cells.
fn picture(lean: f64, ink: u8, missing: impl Fn(u32, u32) -> bool) -> RgbImage {
    let mut image = RgbImage::from_fn(1250, 560, |x, _| Rgb([255 - (x / 12) as u8; 3]));
    let mut dot = |x: f64, y: f64| {
        let (x, y) = ((x - lean * y) as u32, (y + lean * x) as u32);
        if x < 1250 && y < 560 && !missing(x, y) {
            image.put_pixel(x, y, Rgb([ink; 3]));
        }
    };
    let steps =
        |from: f64, to: f64| (0..((to - from) * 4.0) as u32).map(move |at| from + f64::from(at) / 4.0);
    for y in ROWS {
        steps(COLUMNS[0], COLUMNS[3]).for_each(|x| (0..2).for_each(|thick| dot(x, y + f64::from(thick))));
    }
    for x in COLUMNS {
        steps(ROWS[0], ROWS[3]).for_each(|y| (0..2).for_each(|thick| dot(x + f64::from(thick), y)));
    }
    for (x, y) in [(200.0, 216.0), (460.0, 276.0), (800.0, 345.0)] {
        for stroke in 0..6 {
            steps(y, y + 28.0)
                .for_each(|y| (0..3).for_each(|thick| dot(x + f64::from(stroke * 9 + thick), y)));
        }
    }
    image
}

/// The cells of the tables on the page that a picture shows, with a word in the middle of every cell.
fn cells(image: &RgbImage, lean: f64) -> Vec<(u32, u32, u32, usize)> {
    let mut page = Page { number: 1, size: Size { width: 1250.0, height: 560.0 }, ..Page::default() };
    page.strokes = rulings(image);
    for y in ROWS.windows(2) {
        for x in COLUMNS.windows(2) {
            let (x, y) = (f64::midpoint(x[0], x[1]), f64::midpoint(y[0], y[1]));
            let (x, y) = (x - lean * y, y + lean * x);
            let bounds = Rect::new(x - 20.0, y - 8.0, x + 20.0, y + 8.0);
            page.words.push(Word { text: "甲".into(), bounds, edges: Vec::new(), origin: Origin::Printed });
        }
    }
    arrange(&mut page);
    assert!(page.tables.len() < 2, "{:?}", page.tables);
    let cells = page.tables.into_iter().flat_map(|table| table.cells);
    cells.map(|cell| (cell.row, cell.column, cell.row_span * cell.column_span, cell.words.len())).collect()
}

#[test]
fn a_ruled_table_is_found_as_it_leans() {
    let whole: Vec<(u32, u32, u32, usize)> =
        (0..3).flat_map(|row| (0..3).map(move |column| (row, column, 1, 1))).collect();
    for lean in [-0.012, -0.004, 0.0, 0.002, 0.007, 0.012] {
        for ink in [20, 110] {
            assert_eq!(cells(&picture(lean, ink, |_, _| false), lean), whole, "lean {lean}, ink {ink}");
        }
    }
    // A scan loses specks of its lines.
    assert_eq!(cells(&picture(0.004, 40, |x, y| (x * 7 + y * 3) % 61 == 0), 0.004), whole);
    // Where a ruling ends, cells are one.
    let merged = cells(&picture(0.0, 20, |x, y| (425..695).contains(&x) && (255..270).contains(&y)), 0.0);
    assert!(merged.contains(&(0, 1, 2, 2)), "{merged:?}");
}

#[test]
fn what_is_no_table_has_no_rulings() {
    let white = RgbImage::from_pixel(900, 700, Rgb([255; 3]));
    let mut noise = white.clone();
    let mut state = 7_u32;
    for pixel in noise.pixels_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *pixel = Rgb([(state >> 24) as u8; 3]);
    }
    // Lines under words meet nothing.
    let mut underlined = white.clone();
    for y in [100, 160, 220] {
        (100..700).for_each(|x| underlined.put_pixel(x, y, Rgb([0; 3])));
    }
    for (what, image) in
        [("white", white), ("noise", noise), ("underlined", underlined), ("dot", RgbImage::new(1, 1))]
    {
        assert_eq!(rulings(&image), [], "{what}");
    }
}
