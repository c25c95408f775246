//! Reasons not to believe a character: the glyph looks like another, or the page reads as nonsense.

use std::collections::{BTreeMap, BTreeSet};

use hayro::kurbo::{BezPath, Shape};
use unicode_normalization::UnicodeNormalization;

use super::{
    mark::Mark,
    shape::{Look, is_mere_stroke, likeness},
    text::Found,
    unicode::{inked, unresolved},
};
use crate::model::geometry::Rect;

/// Extends doubt from glyphs to their fonts: where one digit is another, no digit of the font is
/// believed, and where a third of all characters is wrong, none is. What is not seen says nothing of
/// what is, and fonts that are not known are not one font.
pub(super) fn spread(marks: &mut [Mark]) {
    let counts = |mark: &Mark| mark.font != 0 && mark.concealed.is_none() && !mark.text.trim().is_empty();
    if !marks.iter().any(|mark| mark.doubtful && counts(mark)) {
        return;
    }
    let mut fonts: BTreeMap<u64, Vec<(&str, bool)>> = BTreeMap::new();
    for mark in marks.iter().filter(|mark| counts(mark)) {
        fonts.entry(mark.font).or_default().push((&mark.text, mark.doubtful));
    }
    let (mut digits, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for (font, mut glyphs) in fonts {
        if !glyphs.iter().any(|(_, doubtful)| *doubtful) {
            continue;
        }
        glyphs.sort_unstable();
        glyphs.dedup();
        let wrong: Vec<&str> =
            glyphs.iter().filter(|(_, doubtful)| *doubtful).map(|(text, _)| *text).collect();
        if wrong.iter().any(|text| text.chars().all(|c| fold(c).is_ascii_digit())) {
            digits.insert(font);
        }
        if wrong.len() > 1 && wrong.len() * 3 > glyphs.len() {
            whole.insert(font);
        }
    }
    for mark in marks {
        let digit = mark.text.chars().all(|c| fold(c).is_ascii_digit());
        mark.doubtful |= whole.contains(&mark.font) || (digit && digits.contains(&mark.font));
    }
}

/// Boxes of the words that cannot be believed, near ones made one.
pub(super) fn regions(words: &[Found]) -> Vec<Rect> {
    let mut regions: Vec<Rect> = Vec::new();
    for found in words.iter().filter(|found| found.doubtful > 0) {
        let own = found.word.bounds;
        let reach = own.grown(own.height().min(own.width()) * 0.5);
        match regions.iter_mut().rev().take(40).find(|other| {
            other.overlap_x(&reach) > 0.0 && other.overlap_y(&own) > 0.5 * own.height().min(other.height())
        }) {
            Some(other) => *other = other.union(&own),
            None => regions.push(own),
        }
    }
    regions
}

/// Ideographs that stand in every Chinese business text; any page of Chinese has its share of them.
const COMMON: &str = "的一是不了在有人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理府研质信称票税额价款名单编号码金付收开户银行账合同有限司项目日期购买销售服务技术研发费企业审核";
/// Fewer ideographs than this prove nothing.
const ENOUGH: usize = 40;

/// Whether the words of a page are no text at all: ideographs of which nearly none is a common one, or
/// letters that stand for bytes of another charset.
pub(super) fn nonsense<'w>(texts: impl Iterator<Item = &'w str>) -> bool {
    let (mut ideographs, mut common, mut foreign, mut all) = (0_usize, 0_usize, 0_usize, 0_usize);
    for character in texts.flat_map(str::chars) {
        all += 1;
        match character {
            '\u{3400}'..='\u{9fff}' => {
                ideographs += 1;
                common += usize::from(COMMON.contains(character));
            }
            '\u{80}'..='\u{bf}' | '\u{d0}' | '\u{d7}' | '\u{f0}' | '\u{f7}' => foreign += 1,
            _ => {}
        }
    }
    (ideographs >= ENOUGH && common * 20 < ideographs) || (foreign >= ENOUGH && foreign * 4 > all)
}

/// Less alike than this are no two drawings of one ideograph.
const UNLIKE: f32 = 0.5;
/// Less alike than this are no two drawings of one letter or mark.
const UNLIKE_LETTER: f32 = 0.1;
/// Less alike than this are no two drawings of one digit, of which there are few.
const UNLIKE_DIGIT: f32 = 0.3;
/// What is as wide and as high as this, in thousandths of an em, fills the em.
const FULL: f64 = 650.0;
/// A digit that is as much like another one as this, and by so much less like itself, is the other.
const OTHER_DIGIT: f32 = 0.78;
const BY: f32 = 0.25;

/// Whether a glyph with such an outline is something else than the text it is said to be. `own` is
/// what its font's own table says of it.
pub(super) fn said_wrongly(text: &str, own: Option<char>, outline: &BezPath) -> bool {
    if text.chars().any(unresolved) {
        return true;
    }
    let mut said = text.chars().filter(|character| inked(*character));
    match (said.next(), said.next()) {
        // A glyph that is said to be a space leaves no ink.
        (None, _) => Look::of(outline).is_some(),
        (Some(said), None) => doubted(said, own, outline),
        // One drawing of several letters is a ligature; of several digits or ideographs there is none.
        _ => text.chars().any(|said| fold(said).is_ascii_digit() || ideograph(said)),
    }
}

fn doubted(said: char, own: Option<char>, outline: &BezPath) -> bool {
    let own = own.filter(|own| !same(*own, said) && !matches!(own, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..));
    // A letter without a look has nothing to be read by.
    let Some(look) = Look::of(outline) else { return said.is_alphanumeric() };
    let Some(like) = likeness(&look, said) else {
        // Without anything to compare with, two tables that disagree are reason enough.
        return own.is_some_and(|own| ideograph(own) || ideograph(said));
    };
    if own.and_then(|own| likeness(&look, own)).is_some_and(|own| own > OTHER_DIGIT && own > like + BY) {
        return true;
    }
    let value = fold(said);
    if value.is_ascii_digit() {
        let others = ('0'..='9').filter(|digit| *digit != value).filter_map(|digit| likeness(&look, digit));
        let other = others.fold(f32::MIN, f32::max);
        return like < UNLIKE_DIGIT || (other > OTHER_DIGIT && other > like + BY);
    }
    // Letters and marks seldom fill the em both ways, and those that do are known by their shape.
    let full = || {
        let bounds = outline.bounding_box();
        bounds.width().min(bounds.height()) > FULL
    };
    if value.is_ascii_graphic() && like < UNLIKE && full() {
        return true;
    }
    if ideograph(said) {
        like < UNLIKE || is_mere_stroke(&look, said)
    } else {
        like < UNLIKE_LETTER && value.is_ascii_graphic()
    }
}

/// Whether two texts are the same letters, digits and ideographs; marks have many forms.
pub(super) fn agree(one: &str, other: &str) -> bool {
    let letters =
        |text: &str| text.nfkc().filter(|character| character.is_alphanumeric()).collect::<String>();
    one == other || letters(one) == letters(other)
}

/// Full-width forms as the narrow ones.
fn fold(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    }
}

fn same(one: char, other: char) -> bool {
    fold(one) == fold(other) || one.nfkc().eq(other.nfkc())
}

const fn ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}
