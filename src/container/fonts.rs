//! Chinese fonts of this machine, for PDF files that name a font without embedding it.
//!
//! Gives bytes and tells which font names mean Chinese; how they are used is for `read` and `draw`.

use std::sync::{Arc, OnceLock};

/// A font file held in memory, and which font of a collection to take.
#[derive(Clone)]
pub struct Font {
    /// The bytes of the file.
    pub bytes: Arc<Vec<u8>>,
    /// Number of the font inside a collection.
    pub index: u32,
}

/// Where Debian's packages fonts-noto-cjk, fonts-arphic and fonts-wqy put fonts, best first.
const SANS: &[(&str, u32)] = &[
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
];

/// The same for fonts with serifs, such as SimSun.
const SERIF: &[(&str, u32)] = &[
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
];

/// Fonts written by brush.
const KAI: &[(&str, u32)] = &[("/usr/share/fonts/truetype/arphic/ukai.ttc", 0)];

/// Parts of font names, in lower case, that mean a Chinese font with serifs.
const SERIF_NAMES: &[&str] =
    &["simsun", "song", "sung", "ming", "kai", "fang", "stsong", "宋", "楷", "仿", "明"];

/// Parts of font names, in lower case, that mean a Chinese font without serifs.
const SANS_NAMES: &[&str] = &["simhei", "hei", "yahei", "gothic", "dengxian", "黑", "等线", "雅黑"];

/// The font that stands in for a Chinese one, or `None` where this machine has none.
fn chinese(serif: bool) -> Option<&'static Font> {
    static LOADED: [OnceLock<Option<Font>>; 2] = [OnceLock::new(), OnceLock::new()];
    let paths = if serif { SERIF } else { SANS };
    LOADED[usize::from(serif)]
        .get_or_init(|| paths.iter().find_map(|(path, index)| load(path, *index)))
        .as_ref()
}

/// Chinese fonts of this machine in which characters can be looked up: without serifs, with serifs,
/// and written by brush.
pub fn samples() -> &'static [&'static Font] {
    static ALL: OnceLock<Vec<&'static Font>> = OnceLock::new();
    static BRUSH: OnceLock<Option<Font>> = OnceLock::new();
    ALL.get_or_init(|| {
        let brush = BRUSH.get_or_init(|| KAI.iter().find_map(|(path, index)| load(path, *index))).as_ref();
        [chinese(true), chinese(false), brush].into_iter().flatten().collect()
    })
}

/// The font files of this machine that may be taken, by path and size.
pub fn there() -> String {
    let paths = SERIF.iter().chain(SANS).chain(KAI).map(|(path, _)| *path);
    let sized = paths.filter_map(|path| Some(format!("{path} {}\n", std::fs::metadata(path).ok()?.len())));
    sized.collect()
}

/// Loads what [`stand_in`] and [`samples`] may be asked for, for who will not be able to open a file later.
pub fn load_all() {
    let _ = samples();
}

fn load(path: &str, index: u32) -> Option<Font> {
    std::fs::read(path).ok().map(|bytes| Font { bytes: Arc::new(bytes), index })
}

/// The font that stands in for one that is named and not embedded; `None` where it is no Chinese one.
///
/// `chinese` and `serif` are what the file says besides the names.
pub fn stand_in<'n>(
    names: impl IntoIterator<Item = &'n str>,
    chinese: bool,
    serif: bool,
) -> Option<&'static Font> {
    let named = names.into_iter().find_map(means_chinese);
    named.or_else(|| chinese.then_some(serif)).and_then(self::chinese)
}

/// Whether a font name means a Chinese font, and if so, whether one with serifs.
fn means_chinese(name: &str) -> Option<bool> {
    let name = name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(SANS_NAMES) {
        Some(false)
    } else if has(SERIF_NAMES) {
        Some(true)
    } else {
        None
    }
}
