//! What a PDF says about itself: the programs that wrote it, its dates, its revisions.
//!
//! Signatures and what was changed after signing are not looked at here.

use crate::model::document::Properties;

/// The Info dictionary and the number of revisions; empty where it cannot be read.
pub(super) fn properties(bytes: &[u8]) -> Properties {
    let info = lopdf::Document::load_metadata_mem(bytes).ok();
    let text = |value: Option<&String>| {
        value
            .map(|text| text.trim_matches(['\0', ' ', '\u{feff}']).to_owned())
            .filter(|text| !text.is_empty())
    };
    let info = info.as_ref();
    Properties {
        producer: text(info.and_then(|info| info.producer.as_ref())),
        creator: text(info.and_then(|info| info.creator.as_ref())),
        created: text(info.and_then(|info| info.creation_date.as_ref())),
        modified: text(info.and_then(|info| info.modification_date.as_ref())),
        revisions: revisions(bytes),
        laid_out: false,
    }
}

/// Whether the end of the file is missing: a whole file says where its table starts near its end.
pub(super) fn cut_off(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(4096)..];
    find(tail, b"startxref").is_none() && find(tail, b"%%EOF").is_none()
}

/// How often the file was written, each time with its own `startxref`.
///
/// A file laid out for the web has one more near its start, which points to place 0 and counts for
/// nothing (ISO 32000-1, annex F).
fn revisions(bytes: &[u8]) -> u32 {
    let mut rest = bytes;
    let mut count = 0;
    while let Some(at) = find(rest, b"startxref") {
        rest = rest.get(at + 9..).unwrap_or_default();
        let place = rest.trim_ascii_start();
        if !(place.starts_with(b"0") && place.get(1).is_none_or(|next| !next.is_ascii_digit())) {
            count += 1;
        }
    }
    count
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
