//! Text that a page holds and nobody sees.

use super::pdf::{
    Mark,
    text::{self, Found},
};
use crate::model::{
    page::{Concealment, HiddenWord, Page},
    problem::Problem,
};

/// Letters lower or narrower than this, in points, are specks that nobody reads.
pub(super) const SPECK: f64 = 1.2;
/// Share of the page that a picture has to cover for invisible text under it to be usual.
const SCAN: f64 = 0.5;

/// Every reason, in the order in which hidden words are listed.
const REASONS: [Concealment; 4] =
    [Concealment::Invisible, Concealment::GroundColour, Concealment::Covered, Concealment::OffPage];

/// Words that are seen, and words that are not.
pub(super) fn split(marks: &[Mark]) -> (Vec<Found>, Vec<HiddenWord>) {
    let seen = text::found(marks.iter().filter(|mark| mark.concealed.is_none()));
    let hidden = REASONS.into_iter().flat_map(|concealment| {
        let words = text::found(marks.iter().filter(move |mark| mark.concealed == Some(concealment)));
        words.into_iter().map(move |found| HiddenWord {
            text: found.word.text,
            bounds: found.word.bounds,
            concealment,
        })
    });
    (seen, hidden.collect())
}

/// What to say of a page's hidden words, where anything is: they are usual under a scan, and strange
/// elsewhere. What is also seen misleads nobody, and rules of underscores say nothing.
pub(super) fn said(page: &Page) -> Option<Problem> {
    let hidden = &page.hidden;
    let first = hidden.first()?;
    let whole = (page.size.width * page.size.height).max(1.0);
    let seen: String = page.words.iter().flat_map(|word| [word.text.as_str(), " "]).collect();
    let scan = page.unsaid_pictures().find(|picture| picture.width() * picture.height() > SCAN * whole);
    let behind = |word: &&HiddenWord| {
        matches!(word.concealment, Concealment::Invisible | Concealment::Covered)
            && scan.is_some_and(|scan| scan.holds(&word.bounds))
    };
    let strange =
        |word: &&HiddenWord| word.text.contains(char::is_alphanumeric) && !stands_in(&word.text, &seen);
    let mut odd = hidden.iter().filter(|word| !behind(word)).filter(strange).peekable();
    let Some(strange) = odd.peek().copied() else {
        return hidden.iter().any(|word| behind(&word)).then(|| {
            Problem::new(
                "invisible-layer",
                "本页是扫描图像，带有扫描软件写入的不可见文字；这些文字未采用，以图像识别结果为准",
                format!(
                    "this page is a scan with an invisible layer of text from a scanning program ({:?} …); that text is not used, the picture is read instead",
                    short(&first.text)
                ),
            )
        });
    };
    let count = odd.count();
    let (zh, en) = match strange.concealment {
        Concealment::Invisible => ("以不可见方式写入", "drawn invisibly"),
        Concealment::GroundColour => ("颜色与底色相同", "in the colour of the ground"),
        Concealment::Covered => ("被后来绘制的内容遮盖", "covered by something drawn later"),
        Concealment::OffPage => ("在页面之外或被裁去", "beside the page or cut away"),
    };
    let text = short(&strange.text);
    Some(Problem::new(
        "hidden-text",
        format!("本页有 {count} 处看不见的文字，如“{text}”（{zh}）；这些文字未采用，请核实文件来源"),
        format!(
            "{count} words on this page cannot be seen, such as {text:?} ({en}); they are not used; see where the file comes from"
        ),
    ))
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    text.chars().take(24).collect()
}

/// Whether a part stands in a text, and no number that it ends with goes on beside it: `9` does not
/// stand in `2019`.
pub(super) fn stands_in(part: &str, whole: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '(' | '%');
    let starts = part.starts_with(|c: char| c.is_ascii_digit());
    let ends = part.ends_with(|c: char| c.is_ascii_digit());
    whole.match_indices(part).any(|(at, _)| {
        let (before, behind) = (&whole[..at], &whole[at + part.len()..]);
        !(starts && before.ends_with(goes_on) || ends && behind.starts_with(goes_on))
    })
}
