//! Word documents (docx): their text on pages of this program's own layout, their pictures as parts.
//!
//! See [`crate::container::word`]: drawing takes the same pages, so that boxes and pictures agree.

use super::{Content, Source, archive};
use crate::{
    container::{
        archive::ArchiveLimits,
        word::{self, Hidden, LaidPage, Place, Trouble, WordLimits},
    },
    model::{
        document::Properties,
        geometry::{Rect, Size},
        limits::Limits,
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
    let laid = match word::open(bytes, &bounds(limits)) {
        Ok(laid) => laid,
        Err(trouble) => {
            content.problems.push(problem(&trouble));
            return content;
        }
    };
    content.properties = Properties { laid_out: true, ..Properties::default() };
    content.problems.extend(laid.troubles.iter().map(problem));
    if laid.cut {
        content.problems.push(super::too_many_pages(limits.pages, limits.pages));
    }
    content.pages = (1..).zip(&laid.pages).map(|(number, laid)| page(number, laid)).collect();
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

/// The bounds of a document.
fn bounds(limits: &Limits) -> WordLimits {
    WordLimits {
        archive: ArchiveLimits { total_bytes: limits.workbook_bytes, ..archive::bounds(limits) },
        nodes: limits.file_words,
        depth: limits.xml_depth,
        pages: limits.pages,
        words: limits.file_words,
    }
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
                    Hidden::White => Concealment::GroundColour,
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
        Trouble::NoText => Problem::new(
            "word-unreadable",
            "Word 文件已损坏，未找到正文；请重新保存，或导出为 PDF 后提交",
            "the Word file is damaged and its text was not found; save it again or hand in a PDF",
        ),
    }
}
