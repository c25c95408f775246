//! Which bytes a signature in a PDF covers, and whether it leaves out more than itself.

use crate::authenticate::finding::Sentences;

use super::syntax::{Kind, Value, is_blank};

/// What a signature covers.
#[derive(Clone, Debug)]
pub(super) struct Range {
    /// The first piece, from the start of the file.
    pub(super) before: usize,
    /// Where the second piece starts.
    pub(super) after: usize,
    /// Where the second piece ends: the end of the file when it was signed.
    pub(super) end: usize,
}

impl Range {
    /// The two pieces.
    pub(super) fn pieces<'b>(&self, bytes: &'b [u8]) -> [&'b [u8]; 2] {
        [bytes.get(..self.before).unwrap_or_default(), bytes.get(self.after..self.end).unwrap_or_default()]
    }
}

/// The range of a signature in a file of so many bytes.
///
/// # Errors
///
/// What is wrong with it: ranges that leave out more than the signature are how signatures are
/// wrapped round another content.
pub(super) fn of(signature: &Value, bytes: &[u8]) -> Result<Range, Sentences> {
    if signature.named(b"ByteRange").count() > 1 || signature.named(b"Contents").count() > 1 {
        return Err(sentence(
            "签名字典中有重复的 ByteRange 或 Contents",
            "its dictionary has ByteRange or Contents twice",
        ));
    }
    let numbers = signature.get(b"ByteRange").map(numbers).unwrap_or_default();
    let [first, before, after, rest] = numbers.as_slice() else {
        return Err(sentence(
            format!("ByteRange 应为四个数，实际为 {} 个", numbers.len()),
            format!("its ByteRange should be four numbers and has {}", numbers.len()),
        ));
    };
    let place = |number: &i64| usize::try_from(*number).ok();
    let sound = (|| {
        let (first, before, after, rest) = (place(first)?, place(before)?, place(after)?, place(rest)?);
        let end = after.checked_add(rest)?;
        (first == 0 && before <= after && end <= bytes.len()).then_some(Range { before, after, end })
    })();
    let Some(range) = sound else {
        return Err(sentence(
            format!("ByteRange {numbers:?} 不从文件开头起、前后重叠或超出文件（{} 字节）", bytes.len()),
            format!(
                "its ByteRange {numbers:?} does not start with the file, overlaps, or leads beyond the file's {} bytes",
                bytes.len()
            ),
        ));
    };
    let Some(contents) = signature.get(b"Contents").filter(|value| matches!(value.kind, Kind::Text(_)))
    else {
        return Err(sentence("签名字典中没有签名值", "its dictionary holds no signature"));
    };
    // The gap is the value with its brackets, or, as some signers have it, what stands between them.
    let whole = range.before == contents.start && range.after == contents.end;
    let inside = range.before == contents.start + 1 && range.after + 1 == contents.end;
    let blank =
        |from: usize, to: usize| bytes.get(from..to).is_some_and(|gap| gap.iter().all(|b| is_blank(*b)));
    // Blanks beside the value change nothing.
    let padded = range.before <= contents.start
        && range.after >= contents.end
        && blank(range.before, contents.start)
        && blank(contents.end, range.after);
    if whole || inside || padded {
        return Ok(range);
    }
    Err(sentence(
        format!(
            "签名未覆盖的部分（第 {} 至 {} 字节）不正好是签名值本身（第 {} 至 {} 字节），签名后文件被重新保存或被伪造",
            range.before, range.after, contents.start, contents.end
        ),
        format!(
            "what it leaves out (bytes {} to {}) is not just the signature itself (bytes {} to {}): the file was saved anew or forged after signing",
            range.before, range.after, contents.start, contents.end
        ),
    ))
}

fn numbers(array: &Value) -> Vec<i64> {
    let Kind::Array(values) = &array.kind else { return Vec::new() };
    values
        .iter()
        .filter_map(|value| match value.kind {
            Kind::Integer(number) => Some(number),
            _ => None,
        })
        .collect()
}

fn sentence(zh: impl Into<String>, en: impl Into<String>) -> Sentences {
    let mut said = Sentences::default();
    said.say(zh, en);
    said
}
