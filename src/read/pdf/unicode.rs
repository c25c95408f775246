//! Which character a glyph stands for: the file's own table, then the embedded font, then the
//! character collection, in this order.
//!
//! What no rung of the ladder knows becomes U+FFFD, so that the page can be read as a picture.

use std::collections::HashMap;

use hayro::{
    hayro_interpret::{
        font::Glyph,
        hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded},
    },
    hayro_syntax::{
        Pdf,
        object::{Array, Dict, Name, Object, String as PdfString},
    },
};
use skrifa::MetadataProvider;
use unicode_normalization::UnicodeNormalization;

/// Stands for a glyph whose character is unknown.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// The ladder of one file.
pub(super) struct Ladder {
    /// Per font name, from code to the collection's number and from there to the character.
    collections: HashMap<String, (CMap, CMap)>,
    /// Per embedded font, from glyph to character.
    fonts: HashMap<u128, HashMap<u32, char>>,
}

impl Ladder {
    /// Looks through the fonts of a file.
    pub(super) fn new(pdf: &Pdf) -> Self {
        let collections = pdf
            .objects()
            .into_iter()
            .filter_map(|object| if let Object::Dict(font) = object { collection(&font) } else { None })
            .collect();
        Self { collections, fonts: HashMap::new() }
    }

    /// The characters of a glyph; [`UNKNOWN`] where no rung knows.
    pub(super) fn text(&mut self, glyph: &Glyph<'_>) -> String {
        let given = glyph.as_unicode().map(text_of).filter(|text| believable(text));
        let text = given
            .or_else(|| self.font_text(glyph).map(String::from))
            .or_else(|| self.collection_text(glyph))
            .unwrap_or_else(|| UNKNOWN.to_string());
        text.chars().flat_map(plain).collect()
    }

    fn font_text(&mut self, glyph: &Glyph<'_>) -> Option<char> {
        let Glyph::Outline(outline) = glyph else { return None };
        let font = outline.font_data()?;
        let table = self.fonts.entry(font.cache_key).or_insert_with(|| reverse((*font.data).as_ref()));
        table.get(&outline.glyph_id().to_u32()).copied()
    }

    fn collection_text(&self, glyph: &Glyph<'_>) -> Option<String> {
        let Glyph::Outline(outline) = glyph else { return None };
        let font = outline.font_data()?;
        let (encoding, characters) = self.collections.get(font.postscript_name.as_deref()?)?;
        let code = outline.char_code();
        let number = (1..=4_u8).find_map(|length| encoding.lookup_cid_code(code, length))?;
        characters.lookup_bf_string(number).map(text_of).or_else(|| {
            let code = (1..=4_u8).find_map(|length| characters.lookup_cid_code(number, length))?;
            char::from_u32(code).map(String::from)
        })
    }
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

/// A composite font's name and its way from code to character by its character collection.
fn collection(font: &Dict<'_>) -> Option<(String, (CMap, CMap))> {
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
    let characters = CMap::parse(load_embedded(family.ucs2_cmap()?)?, load_embedded)?;
    let encoding = match font.get::<Object<'_>>("Encoding".as_bytes())? {
        Object::Name(name) => match CMapName::from_bytes(&name) {
            CMapName::IdentityH => CMap::identity_h(),
            CMapName::IdentityV => CMap::identity_v(),
            known => CMap::parse(load_embedded(known)?, load_embedded)?,
        },
        Object::Stream(stream) => CMap::parse(&stream.decoded_data().ok()?, load_embedded)?,
        _ => return None,
    };
    Some((name.to_owned(), (encoding, characters)))
}
