//! PDF: pages with words, rulings and places of pictures. Pictures themselves are left to `draw`.

mod collect;
mod structure;
pub(super) mod text;
pub(super) mod turn;
mod unicode;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use hayro::{
    hayro_interpret::{
        Context, InterpreterCache, InterpreterSettings, TransformExt,
        font::{FontData, FontQuery},
        interpret_page,
    },
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page as PdfPage},
    kurbo::Rect as PdfRect,
};

use super::Content;
use crate::{
    container::fonts,
    model::{
        geometry::{Rect, Size},
        limits::Limits,
        page::{Page, TextLayer, Word},
        problem::Problem,
    },
};
pub(super) use collect::Mark;
use collect::{Collector, Exhausted};
use unicode::Ladder;

/// Fewer characters than this on a page full of picture or paths are not its text.
const FEW: usize = 8;
/// Scanning programs put their name under a scan; up to this many characters count for nothing
/// where one picture covers nearly the whole page.
const STAMPED: usize = 24;

/// Reads all pages; a damaged file gives what is left of it.
pub(super) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content { properties: structure::properties(bytes), ..Content::default() };
    let pdf = match Pdf::new(Arc::new(Arc::clone(bytes))) {
        Ok(pdf) => pdf,
        Err(error) => {
            content.problems.push(unopened(error));
            return content;
        }
    };
    if structure::cut_off(bytes) {
        content.problems.push(Problem::new(
            "pdf-damaged",
            "PDF 文件不完整（结尾缺失，可能上传或下载时中断），只读取了剩余部分；请重新提交完整文件",
            "the end of the PDF is missing, perhaps from a broken transfer; what is left was read; hand the whole file in again",
        ));
    }
    let all = pdf.pages();
    if all.is_empty() {
        content.problems.push(unreadable());
        return content;
    }
    if all.len() > limits.pages {
        content.problems.push(super::too_many_pages(all.len(), limits.pages));
    }
    let settings = settings();
    let cache = InterpreterCache::new();
    let mut ladder = Ladder::new(&pdf);
    let (mut steps, mut kept) = (limits.file_steps, 0);
    for (number, page) in (1..).zip(all.iter().take(limits.pages)) {
        // One page that brings the interpreter down must not take the others with it.
        let read = catch_unwind(AssertUnwindSafe(|| {
            read_page(page, number, &pdf, &cache, &settings, &mut ladder, (limits, &mut steps))
        }));
        match read {
            Ok(Ok((page, overfull))) => {
                kept += page.words.len() + page.strokes.len() + page.pictures.len();
                content.pages.push(page);
                if overfull {
                    content.problems.push(too_many_words(limits.words).on_page(number));
                }
                if kept > limits.file_words {
                    content.problems.push(too_much(number));
                    break;
                }
            }
            // A page that cannot be drawn is left out: it would be drawn later, for reading or showing.
            Ok(Err(problem)) => content.problems.push(problem.on_page(number)),
            Err(thrown) if thrown.is::<Exhausted>() => {
                content.problems.push(too_much(number));
                break;
            }
            Err(_) => {
                content.problems.push(super::crashed().on_page(number));
                let (width, height) = page.render_dimensions();
                let size = Size { width: f64::from(width), height: f64::from(height) };
                content.pages.push(Page { number, size, ..Page::default() });
            }
        }
    }
    content
}

/// A page, and whether more stands on it than was kept.
fn read_page<'a>(
    page: &'a PdfPage<'a>,
    number: u32,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
    settings: &InterpreterSettings,
    ladder: &mut Ladder,
    (limits, steps): (&Limits, &mut usize),
) -> Result<(Page, bool), Problem> {
    let (width, height) = page.render_dimensions();
    let stored = Size { width: f64::from(width), height: f64::from(height) };
    let bounds = PdfRect::new(0.0, 0.0, stored.width, stored.height);
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, bounds, cache, pdf.xref(), settings.clone());
    let mut found = Collector::new(ladder, limits, steps);
    interpret_page(page, &mut context, &mut found);
    let Collector { mut marks, mut strokes, mut pictures, paths, overfull, huge, .. } = found;
    if let Some(pixels) = huge {
        return Err(huge_picture(pixels, limits.inner_pixels));
    }
    let turn = turn::of(&marks);
    let size = turn::turned_size(stored, turn);
    for mark in &mut marks {
        mark.bounds = turn::turned(mark.bounds, stored, turn);
        mark.angle = turn::turned_angle(mark.angle, turn);
    }
    for bounds in strokes.iter_mut().chain(&mut pictures) {
        *bounds = within(turn::turned(*bounds, stored, turn), size);
    }
    // What was drawn beside the page is not seen by anyone.
    strokes.retain(|stroke| stroke.width() > 0.0 && stroke.height() > 0.0);
    pictures.retain(|picture| picture.width() > 0.0 && picture.height() > 0.0);
    let whole = Rect::new(0.0, 0.0, size.width, size.height);
    marks.retain(|mark| whole.holds(&mark.bounds));
    let mut words = text::words(&marks);
    let overfull = overfull || words.len() > limits.words;
    words.truncate(limits.words);
    let layer = layer(&words, &pictures, size, paths);
    Ok((Page { number, size, turn, words, strokes, pictures, layer, ..Page::default() }, overfull))
}

/// What the text of a page is worth.
pub(super) fn layer(words: &[Word], pictures: &[Rect], size: Size, paths: usize) -> TextLayer {
    let (bad, count) = text::unresolved(words);
    let page = (size.width * size.height).max(1.0);
    let covers =
        |share: f64| pictures.iter().any(|picture| picture.width() * picture.height() > share * page);
    let covered: f64 = pictures.iter().map(|picture| picture.width() * picture.height()).sum();
    if count == 0
        || (count < FEW && (covered > 0.3 * page || paths > 200))
        || (count < STAMPED && covers(0.8))
    {
        TextLayer::None
    } else if bad * 100 > count * 15 {
        TextLayer::Doubtful
    } else {
        TextLayer::Trusted
    }
}

pub(super) fn within(bounds: Rect, size: Size) -> Rect {
    Rect {
        left: bounds.left.clamp(0.0, size.width),
        top: bounds.top.clamp(0.0, size.height),
        right: bounds.right.clamp(0.0, size.width),
        bottom: bounds.bottom.clamp(0.0, size.height),
    }
}

/// Where fonts that are named and not embedded come from; widths and characters depend on it.
fn settings() -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(|query| match query {
            FontQuery::Standard(font) => Some(font.get_font_data()),
            FontQuery::Fallback(wanted) => {
                let names = [&wanted.post_script_name, &wanted.font_name, &wanted.font_family];
                let names = names.into_iter().flatten().map(String::as_str);
                let chinese = wanted.character_collection.is_some();
                fonts::stand_in(names, chinese, wanted.is_serif).map_or_else(
                    || Some(wanted.pick_standard_font().get_font_data()),
                    |font| Some((Arc::clone(&font.bytes) as FontData, font.index)),
                )
            }
        }),
        ..InterpreterSettings::default()
    }
}

fn unopened(error: LoadPdfError) -> Problem {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Problem::new(
            "pdf-encrypted",
            "PDF 设有打开密码，无法读取；请提交取消密码后的文件",
            "the PDF needs a password to open; hand in a copy without one",
        ),
        LoadPdfError::Decryption(_) => Problem::new(
            "pdf-encrypted",
            "PDF 的加密方式不受支持，无法读取；请提交未加密的文件",
            "the PDF is encrypted in a way that is not supported; hand in a copy without encryption",
        ),
        LoadPdfError::Invalid => unreadable(),
    }
}

fn too_many_words(allowed: usize) -> Problem {
    Problem::new(
        "too-many-words",
        format!("本页内容过多，只保留了前 {allowed} 个词和线条；请拆分成多页后提交"),
        format!(
            "more stands on this page than on any document: only the first {allowed} words and rulings were kept; split it into pages"
        ),
    )
}

fn too_much(page: u32) -> Problem {
    Problem::new(
        "too-many-words",
        format!("文件内容过多，读到第 {page} 页为止，其余未读取；请拆分后提交"),
        format!("the file holds too much and was read as far as page {page}; split it"),
    )
}

fn huge_picture(found: u64, allowed: u64) -> Problem {
    Problem::new(
        "picture-too-large",
        format!("本页中的图像有 {found} 像素，超过上限 {allowed}，未读取本页；请以较低分辨率重新扫描后提交"),
        format!(
            "a picture on this page has {found} pixels, at most {allowed} are read; the page was left out; scan it again with a lower resolution"
        ),
    )
}

fn unreadable() -> Problem {
    Problem::new(
        "pdf-unreadable",
        "PDF 已损坏，没有可读取的页面；请重新导出或重新扫描后提交",
        "the PDF is damaged and has no page that can be read; export or scan it again",
    )
}
