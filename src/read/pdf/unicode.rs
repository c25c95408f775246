//! Which character a glyph stands for: the file's own table, then the embedded font, then the
//! character collection, in this order.
//!
//! What no rung of the ladder knows becomes U+FFFD, so that the page can be read as a picture.

use std::{collections::HashMap, rc::Rc};

use hayro::{
    hayro_interpret::{
        CMapResolverFn, CacheKey, Paint,
        font::{Glyph, OutlineFontData, OutlineGlyph, StandardFont},
        hayro_cmap::BfString,
    },
    hayro_syntax::object::Dict,
};
use rustc_hash::FxHashMap;
use skrifa::MetadataProvider;
use unicode_normalization::UnicodeNormalization;

use super::{BLANK, collection::Collections, doubt, drawn};

/// Stands for a glyph whose character is unknown.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// The ladder of one file.
pub(super) struct Ladder {
    collections: Collections,
    /// Per embedded font, from glyph to character.
    fonts: FxHashMap<u128, HashMap<u32, char>>,
    /// What was found out about glyphs, by their outline, their code and what their font says of them.
    known: FxHashMap<(u128, u32, Option<char>), Reading>,
}

/// What a glyph says.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Its characters; [`UNKNOWN`] where no rung knows.
    pub(super) text: Rc<str>,
    /// Whether there is reason not to believe them.
    pub(super) doubtful: bool,
    /// Whether the glyph has no outline though its character has one.
    pub(super) blank: bool,
    /// Stands for the font it is of; 0 where that is not known.
    pub(super) font: u64,
    /// Whether the file does not say what it shows, or says two things, and its outline is not in the
    /// file: a picture of it would show whatever a font of this machine has in that place.
    pub(super) lost: bool,
}

impl Reading {
    fn of(text: &str, doubtful: bool, font: u64) -> Self {
        Self { text: text.into(), doubtful, blank: false, font, lost: false }
    }
}

impl Ladder {
    /// A ladder from the composite fonts of a file.
    pub(super) fn new<'o>(fonts: impl IntoIterator<Item = &'o Dict<'o>>) -> Self {
        Self {
            collections: Collections::new(fonts),
            fonts: FxHashMap::default(),
            known: FxHashMap::default(),
        }
    }

    /// Where the renderer gets the tables from that a file names.
    pub(super) fn cmaps(&self) -> CMapResolverFn {
        self.collections.resolver()
    }

    /// What a glyph says, and whether it can be believed. Drawing it with a paint to find that out
    /// takes some of the `steps`.
    pub(super) fn read<'a>(&mut self, glyph: &Glyph<'a>, paint: &Paint<'a>, steps: &mut usize) -> Reading {
        let given = glyph.as_unicode();
        let outline = match glyph {
            Glyph::Outline(outline) => outline.identifier().cache_key(),
            Glyph::Type3(drawn) => drawn.cache_key(),
        };
        // Glyphs that stand for several characters are few, and not worth a key of their own kind.
        let key = match &given {
            Some(BfString::String(_)) => None,
            Some(BfString::Char(one)) => Some((outline, glyph.char_code(), Some(*one))),
            None => Some((outline, glyph.char_code(), None)),
        };
        if let Some(reading) = key.and_then(|key| self.known.get(&key)) {
            return reading.clone();
        }
        let given = given.map(text_of).filter(|text| believable(text));
        let mut reading = match glyph {
            Glyph::Outline(outline) => self.read_outline(outline, given),
            Glyph::Type3(procedure) => {
                let text = given.unwrap_or_else(|| UNKNOWN.to_string());
                let doubtful = doubt::said_wrongly(&text, None, &drawn::outline(procedure, paint, steps));
                Reading::of(&text, doubtful, 0)
            }
        };
        if reading.doubtful && !reading.text.chars().any(inked) {
            // As a space it would part words and be gone.
            reading.text = UNKNOWN.to_string().into();
        }
        if let Some(key) = key {
            self.known.insert(key, reading.clone());
        }
        reading
    }

    fn read_outline(&mut self, glyph: &OutlineGlyph, given: Option<String>) -> Reading {
        let font = glyph.font_data();
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
        let number = font.as_ref().map_or(0, |font| font.cache_key as u64);
        let collected = |font: &OutlineFontData| {
            self.collections.text(font.postscript_name.as_deref()?, glyph.char_code())
        };
        if let Some(font) = font.as_ref().filter(|font| stands_in(font)) {
            // Its outlines are this machine's and prove nothing: what the file says has to agree.
            let collected = collected(font);
            return match given.clone().or_else(|| collected.clone()) {
                Some(text) if collected.is_none_or(|other| doubt::agree(&text, &other)) => {
                    let text = plain(&text);
                    Reading::of(&text, text.chars().any(unresolved), number)
                }
                _ => Reading { lost: true, ..Reading::of(&UNKNOWN.to_string(), true, number) },
            };
        }
        let collected = if given.is_none() { font.as_ref().and_then(collected) } else { None };
        let own = font.as_ref().and_then(|font| self.font_char(glyph, font));
        let Some(text) = given.or_else(|| own.map(String::from)).or(collected) else {
            return Reading::of(&UNKNOWN.to_string(), true, number);
        };
        let (text, outline) = (plain(&text), glyph.outline());
        // Of other fonts it is not known whether they are in the file at all.
        let blank = outline.is_empty() && font.is_some() && text.chars().any(inked);
        let doubtful = !blank && doubt::said_wrongly(&text, own, &outline);
        Reading { blank, ..Reading::of(&text, doubtful, number) }
    }

    fn font_char(&mut self, glyph: &OutlineGlyph, font: &OutlineFontData) -> Option<char> {
        let table = self.fonts.entry(font.cache_key).or_insert_with(|| reverse((*font.data).as_ref()));
        table.get(&glyph.glyph_id().to_u32()).copied()
    }
}

/// The fonts that the renderer brings along.
const STANDARD: [StandardFont; 14] = [
    StandardFont::Helvetica,
    StandardFont::HelveticaBold,
    StandardFont::HelveticaOblique,
    StandardFont::HelveticaBoldOblique,
    StandardFont::Courier,
    StandardFont::CourierBold,
    StandardFont::CourierOblique,
    StandardFont::CourierBoldOblique,
    StandardFont::TimesRoman,
    StandardFont::TimesBold,
    StandardFont::TimesItalic,
    StandardFont::TimesBoldItalic,
    StandardFont::ZapfDingBats,
    StandardFont::Symbol,
];

/// Whether a font was put in the place of one that is named and not embedded.
fn stands_in(font: &OutlineFontData) -> bool {
    let own = (*font.data).as_ref().as_ptr();
    std::ptr::eq(own, BLANK.as_ptr())
        || STANDARD.iter().any(|font| std::ptr::eq(own, (*font.get_font_data().0).as_ref().as_ptr()))
}

/// Whether a character leaves ink.
pub(super) fn inked(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is unknown or of private use.
pub(super) const fn unresolved(character: char) -> bool {
    matches!(character, UNKNOWN | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

pub(super) fn text_of(string: BfString) -> String {
    match string {
        BfString::Char(one) => one.to_string(),
        BfString::String(text) => text,
    }
}

/// A table entry of control characters or U+FFFD says nothing; the next rung may know better.
fn believable(text: &str) -> bool {
    !text.is_empty() && text.chars().any(|c| c != UNKNOWN && (!c.is_control() || c.is_whitespace()))
}

/// Radicals and compatibility forms as the ideographs they stand for; other characters stay.
///
/// Fonts use one glyph for U+2F00 (radical) and U+4E00 (ideograph), and some writers name the first.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' => plain.extend(character.nfkc()),
            _ => plain.push(character),
        }
    }
    plain
}

/// From glyph to character, by an embedded font's own table.
fn reverse(bytes: &[u8]) -> HashMap<u32, char> {
    let mut table: HashMap<u32, char> = HashMap::new();
    let Ok(font) = skrifa::FontRef::from_index(bytes, 0) else { return table };
    for (code, glyph) in font.charmap().mappings() {
        let Some(character) = char::from_u32(code) else { continue };
        let known = table.entry(glyph.to_u32()).or_insert(character);
        if rank(character) < rank(*known) {
            *known = character;
        }
    }
    table
}

/// Ordinary characters before radicals and compatibility forms before private use.
const fn rank(character: char) -> u8 {
    match character {
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => 3,
        '\u{f900}'..='\u{faff}' => 2,
        '\u{2e80}'..='\u{2fdf}' => 1,
        _ => 0,
    }
}
