//! Character collections: which character the codes of a composite font stand for, where the font is
//! known by name and its collection only.

use std::{
    cell::OnceCell,
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use hayro::{
    hayro_interpret::{
        CMapResolverFn,
        hayro_cmap::{CMap, CMapName, CidFamily, load_embedded},
    },
    hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString},
};
use rustc_hash::FxHashMap;

use super::unicode::text_of;

/// The collections of the composite fonts of one file.
pub(super) struct Collections {
    /// Per font name, ways from code to the collection's number and from there to the character, one
    /// for each manner in which fonts of that name are used; `None` for fonts without a collection.
    ways: HashMap<String, Vec<Option<Way>>>,
    /// Whether a name and a code say which character is meant, for all fonts that have a collection.
    certain: bool,
}

impl Collections {
    pub(super) fn new<'o>(fonts: impl IntoIterator<Item = &'o Dict<'o>>) -> Self {
        let mut all = Self { ways: HashMap::new(), certain: true };
        for font in fonts {
            let way = Way::of(font);
            let Some(name) = name(font) else {
                all.certain &= way.is_none();
                continue;
            };
            let known = all.ways.entry(name).or_default();
            if !known.contains(&way) {
                known.push(way);
            }
            all.certain &= known.len() == 1;
        }
        all
    }

    /// Where the renderer gets the tables from that a file names.
    ///
    /// It would parse the large table from numbers to characters anew for each font that is not
    /// embedded, which takes longer than all the rest. [`Self::text`] keeps that table; so the renderer
    /// has to have it only where a name may mean two fonts.
    pub(super) fn resolver(&self) -> CMapResolverFn {
        let certain = self.certain;
        Arc::new(move |name| {
            let to_characters = TO_CHARACTERS.iter().any(|family| family.ucs2_cmap() == Some(name));
            if certain && to_characters { None } else { load_embedded(name) }
        })
    }

    /// The text of a code; `None` where nothing is known of it, or not for certain.
    pub(super) fn text(&self, font: &str, code: u32) -> Option<String> {
        let mut found = None;
        for way in self.ways.get(font)? {
            let text = way.as_ref()?.text(code)?;
            // Fonts of one name with codes of their own: only what all of them say is known.
            if found.as_ref().is_some_and(|found| *found != text) {
                return None;
            }
            found = Some(text);
        }
        found
    }
}

/// Families of which there are tables from numbers to characters.
const TO_CHARACTERS: [CidFamily; 4] =
    [CidFamily::AdobeGB1, CidFamily::AdobeCNS1, CidFamily::AdobeJapan1, CidFamily::AdobeKorea1];

/// The way from the codes of a font to characters by its character collection.
struct Way {
    encoding: Encoding,
    family: CidFamily,
    /// From code to number.
    numbers: Arc<CMap>,
    /// From number to character, parsed when first asked: most fonts have tables of their own.
    characters: OnceCell<Option<Arc<CMap>>>,
}

#[derive(PartialEq, Eq)]
enum Encoding {
    Horizontal,
    Vertical,
    Known(&'static [u8]),
    Own(Vec<u8>),
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.family == other.family
    }
}

impl Way {
    /// The way of a composite font; `None` for those without a collection.
    fn of(font: &Dict<'_>) -> Option<Self> {
        let encoding = match font.get::<Object<'_>>("Encoding".as_bytes())? {
            Object::Name(name) => match CMapName::from_bytes(&name) {
                CMapName::IdentityH => Encoding::Horizontal,
                CMapName::IdentityV => Encoding::Vertical,
                known => Encoding::Known(load_embedded(known)?),
            },
            Object::Stream(stream) => Encoding::Own(stream.decoded_data().ok()?.into_owned()),
            _ => return None,
        };
        let numbers = match &encoding {
            Encoding::Horizontal => Arc::new(CMap::identity_h()),
            Encoding::Vertical => Arc::new(CMap::identity_v()),
            Encoding::Known(bytes) => known(bytes)?,
            Encoding::Own(bytes) => Arc::new(CMap::parse(bytes, load_embedded)?),
        };
        // What the codes mean goes before what the font says of itself, as the renderer has it too.
        let meant =
            numbers.metadata().character_collection.as_ref().map(|collection| collection.family.clone());
        let family = meant.filter(|family| *family != CidFamily::AdobeIdentity).or_else(|| {
            let descendant =
                font.get::<Array<'_>>("DescendantFonts".as_bytes())?.iter::<Dict<'_>>().next()?;
            let system = descendant.get::<Dict<'_>>("CIDSystemInfo".as_bytes())?;
            let registry = system.get::<PdfString<'_>>("Registry".as_bytes())?;
            let ordering = system.get::<PdfString<'_>>("Ordering".as_bytes())?;
            Some(CidFamily::from_registry_ordering(&registry, &ordering))
        })?;
        family.ucs2_cmap()?;
        Some(Self { encoding, family, numbers, characters: OnceCell::new() })
    }

    fn text(&self, code: u32) -> Option<String> {
        let number = (1..=4_u8).find_map(|length| self.numbers.lookup_cid_code(code, length))?;
        let characters =
            self.characters.get_or_init(|| known(load_embedded(self.family.ucs2_cmap()?)?)).as_ref()?;
        characters.lookup_bf_string(number).map(text_of).or_else(|| {
            let code = (1..=4_u8).find_map(|length| characters.lookup_cid_code(number, length))?;
            char::from_u32(code).map(String::from)
        })
    }
}

/// A table that came with this program, parsed once for all files.
fn known(bytes: &'static [u8]) -> Option<Arc<CMap>> {
    static KNOWN: OnceLock<Mutex<FxHashMap<usize, Option<Arc<CMap>>>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(bytes.as_ptr().addr())
        .or_insert_with(|| CMap::parse(bytes, load_embedded).map(Arc::new))
        .clone()
}

/// The name of a font, without the mark of a subset.
fn name(font: &Dict<'_>) -> Option<String> {
    let base = font.get::<Name<'_>>("BaseFont".as_bytes())?;
    let base = base.as_str();
    Some(
        base.split_once('+')
            .filter(|(prefix, _)| prefix.len() == 6)
            .map_or(base, |(_, name)| name)
            .to_owned(),
    )
}
