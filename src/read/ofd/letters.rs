//! What the glyphs of embedded fonts look like: a file may say one character and draw another.

use std::collections::HashMap;

use skrifa::MetadataProvider;
use unicode_normalization::UnicodeNormalization;

use crate::container::ofd::{Character, Document as Layout, Package};

/// The characters that glyphs stand for, by font, as the fonts themselves say.
#[derive(Default)]
pub(super) struct Letters {
    known: HashMap<String, HashMap<u32, Vec<char>>>,
}

impl Letters {
    /// Whether the font says that what is drawn for a character is another one. A font that says
    /// nothing of the glyph contradicts nothing.
    pub(super) fn contradict(
        &mut self,
        package: &Package,
        layout: &Layout,
        font: &str,
        character: &Character,
    ) -> bool {
        let Some([glyph]) = character.glyphs.as_deref() else { return false };
        if character.character.is_whitespace() {
            return false;
        }
        let drawn = self.known.entry(font.to_owned()).or_insert_with(|| characters(package, layout, font));
        let Some(drawn) = drawn.get(glyph) else { return false };
        let same = |one: &char| one.nfkc().eq(character.character.nfkc());
        !drawn.is_empty() && !drawn.iter().any(same)
    }
}

fn characters(package: &Package, layout: &Layout, font: &str) -> HashMap<u32, Vec<char>> {
    let mut found: HashMap<u32, Vec<char>> = HashMap::new();
    let file = layout.resources.fonts.get(font).and_then(|font| font.file.as_deref());
    let Some(bytes) = file.and_then(|file| package.files.get(file)) else { return found };
    let Ok(font) = skrifa::FontRef::from_index(bytes, 0) else { return found };
    for (code, glyph) in font.charmap().mappings() {
        // Places of private use say nothing of what is drawn.
        if let Some(character) = char::from_u32(code).filter(|c| !matches!(c, '\u{e000}'..='\u{f8ff}')) {
            found.entry(glyph.to_u32()).or_default().push(character);
        }
    }
    found
}
