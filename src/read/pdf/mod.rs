//! PDF: pages with words, rulings and places of pictures. Pictures themselves are left to `draw`.

mod collect;
mod collection;
mod colour;
mod doubt;
mod drawn;
mod embedded;
mod forms;
mod mark;
mod seen;
mod shape;
mod structure;
pub(super) mod text;
pub(super) mod turn;
mod unicode;

use std::{
    cell::OnceCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use hayro::{
    hayro_interpret::{
        Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt,
        font::{FontData, FontQuery},
        interpret, interpret_page,
    },
    hayro_syntax::{
        DecryptionError, LoadPdfError, Pdf,
        object::{Array, Dict, FromBytes, Name, Object, Stream},
        page::Page as PdfPage,
    },
    kurbo::{Affine, Rect as PdfRect},
};

use super::{Content, Source, hidden};
use crate::model::{
    geometry::{Rect, Size},
    limits::Limits,
    page::{Page, TextLayer, Word},
    problem::Problem,
};
use collect::{Collector, Exhausted};
pub(super) use mark::Mark;
use unicode::Ladder;

/// Fewer characters than this on a page full of picture or paths are not its text.
const FEW: usize = 8;
/// More outlines than this on a page without text may be letters.
const OUTLINES: usize = 40;
/// Scanning programs put their name under a scan; up to this many characters count for nothing
/// where one picture covers nearly the whole page.
const STAMPED: usize = 24;

/// Reads all pages and the files inside; a damaged file gives what is left of it.
pub(super) fn read(from: &Source<'_>) -> Content {
    let (bytes, limits) = (&from.bytes, from.limits);
    let mut content = Content { properties: structure::properties(bytes), ..Content::default() };
    let pdf = match Pdf::new(Arc::new(Arc::clone(bytes))) {
        Ok(pdf) => pdf,
        Err(error) => {
            content.problems.push(unopened(error));
            return content;
        }
    };
    structure::complete(&mut content.properties, pdf.metadata(), bytes);
    if structure::cut_off(bytes) {
        content.problems.push(Problem::new(
            "pdf-damaged",
            "PDF 文件不完整（结尾缺失，可能上传或下载时中断），只读取了剩余部分；请重新提交完整文件",
            "the end of the PDF is missing, perhaps from a broken transfer; what is left was read; hand the whole file in again",
        ));
    }
    let (mut composite, mut files) = (Vec::new(), Vec::new());
    for object in pdf.objects() {
        embedded::specifications(&object, &mut files);
        if let Object::Dict(dict) = object
            && dict.get::<Name<'_>>("Subtype".as_bytes()).is_some_and(|name| name.as_str() == "Type0")
        {
            composite.push(dict);
        }
    }
    if let Some(catalog) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) {
        embedded::whole(&catalog, &mut content);
    }
    read_pages(&pdf, Ladder::new(&composite), limits, &mut content);
    embedded::read(&files, from, &mut content);
    content
}

fn read_pages(pdf: &Pdf, mut ladder: Ladder, limits: &Limits, content: &mut Content) {
    let all = pdf.pages();
    if all.is_empty() {
        content.problems.push(unreadable());
        return;
    }
    if all.len() > limits.pages {
        content.problems.push(super::too_many_pages(all.len(), limits.pages));
    }
    let settings = settings(&ladder);
    let spaces: Vec<OnceCell<Option<Vec<u8>>>> = all.iter().map(|_| OnceCell::new()).collect();
    let cache = InterpreterCache::new();
    let mut profiles = colour::Known::default();
    let (mut steps, mut kept) = (limits.file_steps, 0);
    let mut blank = true;
    for ((number, page), spaces) in (1..).zip(all.iter()).zip(&spaces).take(limits.pages) {
        // One page that brings the interpreter down must not take the others with it.
        let read = catch_unwind(AssertUnwindSafe(|| {
            let plain = spaces.get_or_init(|| colour::plain(page.resources(), &mut profiles));
            let drawing = Drawing { pdf, cache: &cache, settings: &settings, plain: plain.as_deref() };
            read_page(page, number, &drawing, &mut ladder, (limits, &mut steps))
        }));
        match read {
            Ok(Ok((page, problems, drawn))) => {
                blank &= !drawn && problems.is_empty();
                kept += page.words.len() + page.strokes.len() + page.pictures.len() + page.hidden.len();
                content.pages.push(page);
                content.problems.extend(problems.into_iter().map(|problem| problem.on_page(number)));
                if kept > limits.file_words {
                    content.problems.push(too_much(number));
                    return;
                }
            }
            // A page that cannot be drawn is left out: it would be drawn later, for reading or showing.
            Ok(Err(problem)) => {
                blank = false;
                content.problems.push(problem.on_page(number));
            }
            Err(thrown) if thrown.is::<Exhausted>() => {
                content.problems.push(too_much(number));
                return;
            }
            Err(_) => {
                blank = false;
                content.problems.push(super::crashed().on_page(number));
                let (width, height) = page.render_dimensions();
                let size = Size { width: f64::from(width), height: f64::from(height) };
                content.pages.push(Page { number, size, ..Page::default() });
            }
        }
    }
    if blank && content.problems.is_empty() {
        content.problems.push(Problem::new(
            "pdf-blank",
            "PDF 的所有页面都是空白，没有任何内容；请核对文件后重新提交",
            "every page of the PDF is blank; see that it is the right file and hand it in again",
        ));
    }
}

/// What it takes to have pages drawn.
struct Drawing<'s, 'a> {
    pdf: &'a Pdf,
    cache: &'s InterpreterCache<'a>,
    settings: &'s InterpreterSettings,
    /// The page's colour spaces where they have plainer names.
    plain: Option<&'a [u8]>,
}

impl<'a> Drawing<'_, 'a> {
    /// Draws a page, then its notes and form fields, which nothing that the page leaves open reaches.
    /// Returns how many glyphs were drawn before these.
    fn draw(
        &self,
        page: &'a PdfPage<'a>,
        transform: Affine,
        bounds: PdfRect,
        found: &mut Collector<'_>,
    ) -> usize {
        let context = |content| {
            let settings = InterpreterSettings { render_content: content, ..self.settings.clone() };
            Context::new(transform, bounds, self.cache, self.pdf.xref(), settings)
        };
        let mut resources = page.resources().clone();
        if let Some(spaces) = self.plain.and_then(Dict::from_bytes) {
            resources.color_spaces = spaces;
        }
        interpret(page.typed_operations(), &resources, &mut context(RenderContent::PAGE), found);
        let own = found.marks.len();
        interpret_page(page, &mut context(RenderContent::ANNOTATIONS), found);
        own
    }
}

/// A page, what is to be said of it, and whether anything was drawn on it.
fn read_page<'a>(
    page: &'a PdfPage<'a>,
    number: u32,
    drawing: &Drawing<'_, 'a>,
    ladder: &mut Ladder,
    (limits, steps): (&Limits, &mut usize),
) -> Result<(Page, Vec<Problem>, bool), Problem> {
    let unit = user_unit(page);
    let (width, height) = page.render_dimensions();
    let stored = Size { width: f64::from(width) * unit, height: f64::from(height) * unit };
    let bounds = PdfRect::new(0.0, 0.0, stored.width, stored.height);
    let transform = Affine::scale(unit) * page.initial_transform(true).to_kurbo();
    let mut found = Collector::new(ladder, limits, steps);
    let from_notes = drawing.draw(page, transform, bounds, &mut found);
    let Collector { mut marks, areas, mut strokes, mut pictures, order, paths, overfull, lost, huge, .. } =
        found;
    if let Some(pixels) = huge {
        return Err(huge_picture(pixels, limits.inner_pixels));
    }
    let mut problems = Vec::new();
    if order == 0 && unreadable_content(page) {
        problems.push(Problem::new(
            "page-unreadable",
            "本页内容已损坏，无法读取；请重新导出后提交",
            "the content of this page is damaged and cannot be read; export the file again",
        ));
    }
    if lost > 0 {
        problems.push(missing_font(lost));
    }
    let forms = forms::Forms::of(page, transform, limits.glyphs.saturating_sub(marks.len()));
    let from_forms = marks.len();
    marks.extend(forms.marks());
    let drawn = order > 0 || !marks.is_empty();
    seen::conceal(&mut marks, &areas, stored);
    if lost == 0 {
        let notes = marks.get(from_notes..from_forms).unwrap_or_default();
        problems.extend(forms.differing(notes, steps));
    }
    marks.retain(|mark| !mark.text.is_empty());
    doubt::spread(&mut marks);
    for mark in &mut marks {
        mark.doubtful |= mark.veiled;
    }
    let turn = turn::of(&marks);
    let size = turn::turned_size(stored, turn);
    for mark in &mut marks {
        mark.bounds = mark.bounds.turned(stored, turn);
        mark.angle = turn::turned_angle(mark.angle, turn);
    }
    for bounds in strokes.iter_mut().chain(&mut pictures) {
        *bounds = within(bounds.turned(stored, turn), size);
    }
    // What was drawn beside the page is not seen by anyone.
    strokes.retain(|stroke| stroke.width() > 0.0 && stroke.height() > 0.0);
    pictures.retain(|picture| picture.width() > 0.0 && picture.height() > 0.0);
    let (mut found, mut hidden) = hidden::split(&marks);
    let overfull = overfull || forms.cut || found.len() > limits.words || hidden.len() > limits.words;
    found.truncate(limits.words);
    hidden.truncate(limits.words);
    if overfull {
        problems.push(too_many_words(limits.words));
    }
    let seen = found.iter().map(|one| one.word.text.as_str());
    let bad = found.iter().map(|one| one.doubtful).sum();
    let layer = worth(seen, bad, &pictures, size, paths);
    let doubtful = if layer == TextLayer::Trusted { doubt::regions(&found) } else { Vec::new() };
    let words = found.into_iter().filter(|one| one.doubtful == 0).map(|one| one.word).collect();
    let page =
        Page { number, size, turn, words, strokes, pictures, layer, doubtful, hidden, ..Page::default() };
    problems.extend(hidden::said(&page));
    Ok((page, problems, drawn))
}

/// Points a unit of the page (ISO 32000-1, 14.11.2), where large drawings say so.
fn user_unit(page: &PdfPage<'_>) -> f64 {
    let unit = page.raw().get::<f32>("UserUnit".as_bytes()).map_or(1.0, f64::from);
    if unit.is_finite() && (0.01..=1000.0).contains(&unit) { unit } else { 1.0 }
}

/// Whether a page has content that cannot be unpacked.
fn unreadable_content(page: &PdfPage<'_>) -> bool {
    let broken = |stream: &Stream<'_>| {
        stream.decoded_data().map_or(true, |data| data.is_empty() && !stream.raw_data().is_empty())
    };
    match page.raw().get::<Object<'_>>("Contents".as_bytes()) {
        Some(Object::Stream(stream)) => broken(&stream),
        Some(Object::Array(parts)) => Array::iter::<Stream<'_>>(&parts).any(|part| broken(&part)),
        _ => false,
    }
}

/// What the text of a page is worth, where no single place of it can be read as a picture.
pub(super) fn layer(words: &[Word], pictures: &[Rect], size: Size, paths: usize) -> TextLayer {
    let texts = words.iter().map(|word| word.text.as_str());
    let bad = texts.clone().flat_map(str::chars).filter(|c| unicode::unresolved(*c)).count();
    worth(texts, bad * 3, pictures, size, paths)
}

/// What the text of a page is worth, if so many of its characters cannot be believed.
fn worth<'w>(
    texts: impl Iterator<Item = &'w str> + Clone,
    bad: usize,
    pictures: &[Rect],
    size: Size,
    paths: usize,
) -> TextLayer {
    let count = texts.clone().flat_map(str::chars).count();
    let page = (size.width * size.height).max(1.0);
    let covers =
        |share: f64| pictures.iter().any(|picture| picture.width() * picture.height() > share * page);
    let covered: f64 = pictures.iter().map(|picture| picture.width() * picture.height()).sum();
    if count < FEW && paths > OUTLINES {
        // Letters drawn as outlines; there may be no picture, and still a lot to be read.
        TextLayer::Doubtful
    } else if count == 0 || (count < FEW && covered > 0.3 * page) || (count < STAMPED && covers(0.8)) {
        TextLayer::None
    } else if bad * 2 > count || doubt::nonsense(texts) {
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

/// A font with nothing in it, for Chinese fonts that are named and not embedded: their characters and
/// widths are said by the file, and the fonts of this machine are large. Made with fontTools.
static BLANK: &[u8] = include_bytes!("blank.ttf");

/// Where fonts that are named and not embedded come from.
fn settings(ladder: &Ladder) -> InterpreterSettings {
    InterpreterSettings {
        cmap_resolver: ladder.cmaps(),
        font_resolver: Arc::new(|query| match query {
            FontQuery::Standard(font) => Some(font.get_font_data()),
            FontQuery::Fallback(wanted) if wanted.character_collection.is_some() => {
                Some((Arc::new(BLANK) as FontData, 0))
            }
            FontQuery::Fallback(wanted) => Some(wanted.pick_standard_font().get_font_data()),
        }),
        ..InterpreterSettings::default()
    }
}

fn missing_font(glyphs: usize) -> Problem {
    Problem::new(
        "font-not-embedded",
        format!(
            "本页有 {glyphs} 个字符使用了未嵌入的字体，且文件未说明是什么字（或前后说法不一），无法读取；请嵌入字体后重新导出，或提交扫描件"
        ),
        format!(
            "{glyphs} glyphs on this page are of a font that is not in the file, which does not say what they are, or says two things; they were not read; export the file with its fonts embedded, or scan it"
        ),
    )
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
