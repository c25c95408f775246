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
