//! Word documents (docx): their text on pages of this program's own layout, their pictures as parts.
//!
//! See [`crate::container::word`]: drawing takes the same pages, so that boxes and pictures agree.

use super::{Content, Source, archive, hidden};
use crate::{
    container::word::{self, Cut, Hidden, LaidPage, Place, Trouble, WordLimits},
    model::{
        document::Properties,
        geometry::{Rect, Size},
        page::{Concealment, HiddenWord, Origin, Page, TextLayer, Word},
        problem::Problem,
    },
};

/// Pictures with fewer bytes are lines, dots and bullets.
const LEAST_PICTURE: usize = 2_000;

/// Lays the document out and reads the pictures in it.
pub(super) fn read(source: &Source<'_>) -> Content {
    let Source { name, bytes, limits, depth } = source;
    let mut content = Content::default();
    let laid = match word::open(bytes, &WordLimits::of(limits)) {
        Ok(laid) => laid,
        Err(trouble) => {
            content.problems.push(problem(&trouble));
            return content;
        }
    };
    content.properties = Properties { laid_out: true, ..Properties::default() };
    content.problems.extend(laid.troubles.iter().map(problem));
    content.problems.extend(laid.cut.map(|cut| match cut {
        Cut::Pages => super::too_many_pages(limits.pages, limits.pages),
        Cut::Words => super::too_many_words(laid.pages.len()),
    }));
    content.pages = (1..).zip(&laid.pages).map(|(number, laid)| page(number, laid)).collect();
    for page in &content.pages {
        content.problems.extend(hidden::said(page).map(|problem| problem.on_page(page.number)));
    }
    if *depth >= limits.archive_depth && !laid.pictures.is_empty() {
        content.problems.push(archive::too_deep(limits.archive_depth));
        return content;
    }
    // A picture of a certificate or an invoice is a document of its own.
    let pictures = laid.pictures.into_iter().filter(|(_, bytes)| bytes.len() >= LEAST_PICTURE);
    let pictures = pictures.map(|(part, bytes)| (part, bytes.into()));
    content.parts = archive::parts(name, pictures.collect(), limits, *depth);
    content
}

fn page(number: u32, laid: &LaidPage) -> Page {
    let mut page = Page {
        number,
        size: Size { width: laid.width, height: laid.height },
        layer: TextLayer::Trusted,
        strokes: laid.strokes.iter().map(rect).collect(),
        ..Page::default()
    };
    for word in &laid.words {
        let bounds = rect(&word.place);
        match word.hidden {
            None => page.words.push(Word {
                text: word.text.clone(),
                bounds,
                edges: word.edges.clone(),
                origin: Origin::Printed,
            }),
            Some(hidden) => page.hidden.push(HiddenWord {
                text: word.text.clone(),
                bounds,
                concealment: match hidden {
                    Hidden::Marked => Concealment::Invisible,
                    Hidden::Ground => Concealment::GroundColour,
                },
            }),
        }
    }
    page
}

const fn rect(place: &Place) -> Rect {
    Rect::new(place.left, place.top, place.right, place.bottom)
}

fn problem(trouble: &Trouble) -> Problem {
    match trouble {
        Trouble::Archive(trouble) => archive::problem(trouble),
        Trouble::Part(part, why) => Problem::new(
            "word-damaged",
            format!(
                "Word 文件的部分内容（{part}）已损坏，只读取了其中一部分（{why}）；请重新保存，或导出为 PDF 后提交"
            ),
            format!(
                "{part} of the Word file is damaged and was read in part ({why}); save it again or hand in a PDF"
            ),
        ),
        Trouble::Inserted => Problem::new(
            "word-damaged",
            "Word 文件中插入了另一个文件，其内容未读取；请用 Word 打开并另存，或导出为 PDF 后提交",
            "another file stands inside the text of the Word file and was not read; save it again in Word or hand in a PDF",
        ),
        Trouble::TooDeep => Problem::new(
            "word-damaged",
            "Word 文件中的表格或文本框嵌套过深，最里面的内容未读取；请导出为 PDF 后提交",
            "tables or boxes of the Word file are nested too deep and the innermost were not read; hand in a PDF",
        ),
        Trouble::NoText => Problem::new(
            "word-unreadable",
            "Word 文件已损坏，未找到正文；请重新保存，或导出为 PDF 后提交",
            "the Word file is damaged and its text was not found; save it again or hand in a PDF",
        ),
    }
}
