//! Bytes to text: marks of order, what an XML declaration says, and a guess where neither is there.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8};

/// The text, or `None` where the bytes are not text.
#[must_use]
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Some(encoding.decode_without_bom_handling(&bytes[length..]).0);
    }
    if let Some(text) = unmarked_utf16(bytes) {
        return Some(Cow::Owned(text));
    }
    // Zero bytes and most control characters do not stand in text.
    if bytes.iter().any(|byte| *byte < 0x09 || (0x0e..0x20).contains(byte) && *byte != 0x1b) {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let text = guessed(bytes);
    let unknown = text.chars().filter(|c| *c == '\u{fffd}').count();
    (unknown * 50 <= text.chars().count()).then_some(text)
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

/// The charset of text without a mark. Short texts of Chinese offices are GBK, if anything.
fn charset(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    // A head cut in the middle of a character is UTF-8 all the same.
    let cut =
        std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none() && error.valid_up_to() > 0);
    if cut || guess == UTF_8 {
        UTF_8
    } else if guess == encoding_rs::GBK {
        GB18030
    } else {
        guess
    }
}
