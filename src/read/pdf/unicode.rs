//! Which character a glyph stands for: the file's own table, then the embedded font, then the
//! character collection, in this order.
//!
//! What no rung of the ladder knows becomes U+FFFD, so that the page can be read as a picture.

use std::{
    cell::OnceCell,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    rc::Rc,
};

use hayro::{
    hayro_interpret::{
        font::{Glyph, OutlineFontData, OutlineGlyph},
        hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded},
    },
    hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString},
};
use skrifa::MetadataProvider;
use unicode_normalization::UnicodeNormalization;

use super::{BLANK, doubt::doubted};

/// Stands for a glyph whose character is unknown.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// The ladder of one file.
pub(super) struct Ladder {
    /// Per font name, ways from code to the collection's number and from there to the character.
    collections: HashMap<String, Vec<Way>>,
    /// Per embedded font, from glyph to character.
    fonts: HashMap<u128, HashMap<u32, char>>,
    /// What was found out about glyphs, by their outline, their code and what their font says of them.
    known: HashMap<(u128, u32, Option<char>), Reading, BuildHasherDefault<Mixer>>,
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
    /// Whether neither its character nor its outline is in the file: a picture of it would show
    /// whatever a font of this machine has in that place.
    pub(super) lost: bool,
}

impl Reading {
    fn of(text: &str, doubtful: bool, font: u64) -> Self {
        Self { text: text.into(), doubtful, blank: false, font, lost: false }
    }
}

/// Outlines are known by a hash already; it need not be hashed well once more for each glyph.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u128(&mut self, value: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value.unsigned_abs() as u64);
    }
}

impl Ladder {
    /// A ladder from the fonts of a file.
    pub(super) fn new<'o>(fonts: impl IntoIterator<Item = &'o Dict<'o>>) -> Self {
        let mut collections: HashMap<String, Vec<Way>> = HashMap::new();
        for (name, ways) in fonts.into_iter().filter_map(collection) {
            collections.entry(name).or_default().push(ways);
        }
        Self { collections, fonts: HashMap::new(), known: HashMap::default() }
    }

    /// What a glyph says, and whether it can be believed.
    pub(super) fn read(&mut self, glyph: &Glyph<'_>) -> Reading {
        let given = glyph.as_unicode().map(text_of).filter(|text| believable(text));
        match glyph {
            Glyph::Type3(_) => {
                let text = given.unwrap_or_else(|| UNKNOWN.to_string());
                Reading::of(&text, text.chars().any(unresolved), 0)
            }
            Glyph::Outline(outline) => {
                let mut characters = given.iter().flat_map(|text| text.chars());
                let (first, more) = (characters.next(), characters.next().is_some());
                if more {
                    return self.read_outline(outline, given);
                }
                let key = (outline.identifier().cache_key(), outline.char_code(), first);
                if let Some(reading) = self.known.get(&key) {
                    return reading.clone();
                }
                let reading = self.read_outline(outline, given);
                self.known.insert(key, reading.clone());
                reading
            }
        }
    }

    fn read_outline(&mut self, glyph: &OutlineGlyph, given: Option<String>) -> Reading {
        let font = glyph.font_data();
        let stands_in =
            font.as_ref().is_some_and(|font| std::ptr::eq((*font.data).as_ref().as_ptr(), BLANK.as_ptr()));
        let own = if stands_in { None } else { font.as_ref().and_then(|font| self.font_char(glyph, font)) };
        let text =
            given.or_else(|| own.map(String::from)).or_else(|| self.collection_text(glyph, font.as_ref()?));
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
        let number = font.as_ref().map_or(0, |font| font.cache_key as u64);
        let Some(text) = text else {
            return Reading { lost: stands_in, ..Reading::of(&UNKNOWN.to_string(), true, number) };
        };
        let text: String = text.chars().flat_map(plain).collect();
        if stands_in {
            return Reading::of(&text, text.chars().any(unresolved), number);
        }
        let outline = glyph.outline();
        if outline.is_empty() {
            // Of other fonts it is not known whether they are in the file at all.
            let blank = font.is_some() && text.chars().any(inked);
            return Reading { blank, ..Reading::of(&text, text.chars().any(unresolved), number) };
        }
        let doubtful =
            text.chars().any(unresolved) || single(&text).is_some_and(|one| doubted(one, own, &outline));
        Reading::of(&text, doubtful, number)
    }

    fn font_char(&mut self, glyph: &OutlineGlyph, font: &OutlineFontData) -> Option<char> {
        let table = self.fonts.entry(font.cache_key).or_insert_with(|| reverse((*font.data).as_ref()));
        table.get(&glyph.glyph_id().to_u32()).copied()
    }

    fn collection_text(&self, glyph: &OutlineGlyph, font: &OutlineFontData) -> Option<String> {
        let code = glyph.char_code();
        let mut found = None;
        for way in self.collections.get(font.postscript_name.as_deref()?)? {
            let (encoding, characters) = way.maps()?;
            let number = (1..=4_u8).find_map(|length| encoding.lookup_cid_code(code, length))?;
            let text = characters.lookup_bf_string(number).map(text_of).or_else(|| {
                let code = (1..=4_u8).find_map(|length| characters.lookup_cid_code(number, length))?;
                char::from_u32(code).map(String::from)
            });
            // Fonts of one name with codes of their own: only what all of them say is known.
            if found.is_some() && found != Some(text.clone()) {
                return None;
            }
            found = Some(text);
        }
        found.flatten()
    }
}

/// The one character of a text; `None` for several.
fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// Whether a character leaves ink.
fn inked(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is unknown or of private use.
pub(super) const fn unresolved(character: char) -> bool {
    matches!(character, UNKNOWN | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

fn text_of(string: BfString) -> String {
    match string {
        BfString::Char(one) => one.to_string(),
        BfString::String(text) => text,
    }
}

/// A table entry of control characters or U+FFFD says nothing; the next rung may know better.
fn believable(text: &str) -> bool {
    !text.is_empty() && text.chars().any(|c| c != UNKNOWN && (!c.is_control() || c.is_whitespace()))
}

/// The ideograph that a radical or compatibility form stands for; other characters stay.
///
/// Fonts use one glyph for U+2F00 (radical) and U+4E00 (ideograph), and some writers name the first.
fn plain(character: char) -> Vec<char> {
    match character {
        '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' => character.nfkc().collect(),
        _ => vec![character],
    }
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

/// The way from the codes of a font to characters by its character collection.
struct Way {
    encoding: Encoding,
    characters: &'static [u8],
    /// Parsed when first asked: most fonts have tables of their own.
    parsed: OnceCell<Option<(CMap, CMap)>>,
}

enum Encoding {
    Horizontal,
    Vertical,
    Known(&'static [u8]),
    Own(Vec<u8>),
}

impl Way {
    fn maps(&self) -> Option<&(CMap, CMap)> {
        let parse = || {
            let encoding = match &self.encoding {
                Encoding::Horizontal => CMap::identity_h(),
                Encoding::Vertical => CMap::identity_v(),
                Encoding::Known(bytes) => CMap::parse(bytes, load_embedded)?,
                Encoding::Own(bytes) => CMap::parse(bytes, load_embedded)?,
            };
            Some((encoding, CMap::parse(self.characters, load_embedded)?))
        };
        self.parsed.get_or_init(parse).as_ref()
    }
}

/// A composite font's name and its way from code to character by its character collection.
fn collection(font: &Dict<'_>) -> Option<(String, Way)> {
    if font.get::<Name<'_>>("Subtype".as_bytes())?.as_str() != "Type0" {
        return None;
    }
    let base = font.get::<Name<'_>>("BaseFont".as_bytes())?;
    let base = base.as_str();
    let name = base.split_once('+').filter(|(prefix, _)| prefix.len() == 6).map_or(base, |(_, name)| name);
    let descendant = font.get::<Array<'_>>("DescendantFonts".as_bytes())?.iter::<Dict<'_>>().next()?;
    let system = descendant.get::<Dict<'_>>("CIDSystemInfo".as_bytes())?;
    let registry = system.get::<PdfString<'_>>("Registry".as_bytes())?;
    let ordering = system.get::<PdfString<'_>>("Ordering".as_bytes())?;
    let family = CidFamily::from_registry_ordering(&registry, &ordering);
    let characters = load_embedded(family.ucs2_cmap()?)?;
    let encoding = match font.get::<Object<'_>>("Encoding".as_bytes())? {
        Object::Name(name) => match CMapName::from_bytes(&name) {
            CMapName::IdentityH => Encoding::Horizontal,
            CMapName::IdentityV => Encoding::Vertical,
            known => Encoding::Known(load_embedded(known)?),
        },
        Object::Stream(stream) => Encoding::Own(stream.decoded_data().ok()?.into_owned()),
        _ => return None,
    };
    Some((name.to_owned(), Way { encoding, characters, parsed: OnceCell::new() }))
}
