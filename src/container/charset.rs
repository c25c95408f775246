//! Bytes to text: marks of order, what an XML declaration says, and a guess where neither is there.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8};

/// Text, and how much of the bytes was none.
pub struct Text<'b> {
    /// The characters; U+FFFD stands for each piece that is none.
    pub text: Cow<'b, str>,
    /// How many such pieces there are.
    pub lost: usize,
}

impl<'b> Text<'b> {
    fn of(text: Cow<'b, str>) -> Self {
        let lost = text.chars().filter(|c| *c == UNKNOWN).count();
        Self { text, lost }
    }

    /// Whether so little is lost that it is text all the same.
    fn sound(&self) -> bool {
        self.lost * 50 <= self.text.chars().count()
    }
}

/// What stands for bytes that are no character.
const UNKNOWN: char = '\u{fffd}';

/// How programs of the seventies ended their files.
const END: u8 = 0x1a;

/// The text, or `None` where the bytes are not text.
#[must_use]
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    read(bytes).map(|read| read.text)
}

/// The text with what was lost of it, or `None` where the bytes are not text.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Text<'_>> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Some(Text::of(encoding.decode_without_bom_handling(&bytes[length..]).0));
    }
    if let Some(text) = unmarked_utf16(bytes) {
        return Some(Text::of(Cow::Owned(text)));
    }
    let bytes = bytes.strip_suffix(&[END]).unwrap_or(bytes);
    if bytes.iter().any(is_control) {
        return None;
    }
    // What is whole in UTF-8 is text, even where a program before this one has lost characters of it.
    let whole = std::str::from_utf8(bytes).is_ok();
    Some(Text::of(guessed(bytes))).filter(|read| whole || read.sound())
}

/// The text of bytes that claim to be some, with what is none replaced.
#[must_use]
pub fn mended(bytes: &[u8]) -> Text<'_> {
    read(bytes).unwrap_or_else(|| {
        let controls = bytes.iter().filter(|byte| is_control(byte)).count();
        let mut text = guessed(bytes).into_owned();
        if controls > 0 {
            let odd = |c: char| u8::try_from(c).is_ok_and(|byte| is_control(&byte));
            text = text.replace(odd, &UNKNOWN.to_string());
        }
        Text::of(Cow::Owned(text))
    })
}

/// Zero bytes and most control characters do not stand in text.
fn is_control(byte: &u8) -> bool {
    *byte < 0x09 || (0x0e..0x20).contains(byte) && *byte != 0x1b
}

/// Text in UTF-16 without a mark of order: lines of it hold a zero byte beside each ASCII character, and
/// anything else read that way soon gives what is no text.
fn unmarked_utf16(bytes: &[u8]) -> Option<String> {
    if bytes.len() < 8 || !bytes.contains(&0) {
        return None;
    }
    let read = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text = char::decode_utf16(units).collect::<Result<String, _>>().ok()?;
        let odd = |c: char| {
            (c.is_control() && !matches!(c, '\t' | '\r' | '\n')) || ('\u{e000}'..='\u{f8ff}').contains(&c)
        };
        let usual = |c: &char| {
            c.is_ascii() || ('\u{3000}'..='\u{9fff}').contains(c) || ('\u{ff00}'..='\u{ffef}').contains(c)
        };
        let count = text.chars().count();
        let sound = !text.contains(odd) && text.chars().filter(usual).count() * 20 >= count * 19;
        (sound && text.contains(|c: char| c.is_ascii())).then_some(text)
    };
    read(u16::from_le_bytes).or_else(|| read(u16::from_be_bytes))
}

/// Text without a mark of order, in the charset it most likely is in. What does not decode is U+FFFD.
#[must_use]
pub fn guessed(bytes: &[u8]) -> Cow<'_, str> {
    charset(bytes).decode_without_bom_handling(bytes).0
}

/// Text in the charset of this name, such as `GBK`; `None` where nobody knows the name.
#[must_use]
pub fn named<'b>(name: &str, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
    let encoding = Encoding::for_label(name.trim().as_bytes())?;
    // GBK is a part of GB 18030, and files that say GBK use more of it than they say.
    let encoding = if encoding == encoding_rs::GBK { GB18030 } else { encoding };
    Some(encoding.decode_with_bom_removal(bytes).0)
}

/// The text of a file that names its charset in ASCII, and whether its bytes are in another one.
///
/// Programs copy such declarations along: what is whole in UTF-8 is UTF-8 whatever it says, a name that
/// can be read is no pair of bytes, and where the named charset has no such bytes the bytes decide.
#[must_use]
pub fn declared<'b>(name: &str, bytes: &'b [u8]) -> Option<(Text<'b>, bool)> {
    // Chinese characters of two bytes may pass as letters of another script, but not as their own kind.
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.contains(|c| c >= '\u{2000}')
    {
        return Some((Text::of(Cow::Borrowed(text)), false));
    }
    if Encoding::for_label(name.trim().as_bytes()).is_none_or(|encoding| !encoding.is_ascii_compatible()) {
        return read(bytes).map(|read| (read, false));
    }
    let said = Text::of(named(name, bytes)?);
    if said.lost == 0 {
        return Some((said, false));
    }
    let found = read(bytes)?;
    let differs = found.text != said.text;
    Some((found, differs))
}

/// The charset of text without a mark. Short texts of Chinese offices are GBK, if anything.
fn charset(bytes: &[u8]) -> &'static Encoding {
    if mostly_utf8(bytes) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    match detector.guess(Some(b"cn"), Utf8Detection::Allow) {
        guess if guess == encoding_rs::GBK => GB18030,
        guess => guess,
    }
}

/// Whether what is not ASCII is UTF-8 but for a few pieces: a byte that was lost or added, or a head cut
/// in the middle of a character. In text of another charset such pieces are most of it.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let cut =
        std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none() && error.valid_up_to() > 0);
    broken == 0 || cut || whole >= broken * 10
}
