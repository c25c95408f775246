//! The objects of a PDF with the places where their values stand in the file.
//!
//! Whether a signature's range leaves out the signature and nothing else can only be told from where
//! its value stands, which no reader of objects keeps. Objects in compressed streams are not looked
//! into: a signature cannot lie in one, since its range has to leave it out.

use std::collections::BTreeMap;

use memchr::memmem;

/// Values inside values.
const DEPTH: usize = 40;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A whole number.
    Integer(i64),
    /// A name, its escapes resolved.
    Name(Vec<u8>),
    /// A string, written with brackets or in hexadecimal digits.
    Text(Vec<u8>),
    /// Values in a row.
    Array(Vec<Value>),
    /// Values by name, in the order of the file; a name may stand twice.
    Dictionary(Vec<(Vec<u8>, Value)>),
    /// A reference to an object.
    Reference(u32),
    /// Anything else.
    Other,
}

impl Value {
    /// The values of a name in a dictionary: none, one, or too many.
    pub(super) fn named<'v>(&'v self, name: &'static [u8]) -> impl Iterator<Item = &'v Self> {
        let entries = match &self.kind {
            Kind::Dictionary(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter(move |(own, _)| own == name).map(|(_, value)| value)
    }

    /// The first value of a name in a dictionary.
    pub(super) fn get(&self, name: &'static [u8]) -> Option<&Self> {
        self.named(name).next()
    }

    /// Text of a name or a string.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Name(text) | Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Calls `visit` for this value and all in it.
    pub(super) fn walk<'v>(&'v self, visit: &mut impl FnMut(&'v Self)) {
        visit(self);
        match &self.kind {
            Kind::Array(values) => values.iter().for_each(|value| value.walk(visit)),
            Kind::Dictionary(entries) => entries.iter().for_each(|(_, value)| value.walk(visit)),
            _ => {}
        }
    }
}

/// One object as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) number: u32,
    /// Where its number stands.
    pub(super) start: usize,
    pub(super) value: Value,
    /// From where to where its stream goes, if it has one.
    pub(super) stream: Option<(usize, usize)>,
}

/// All objects that stand plainly in the file, in its order; what lies in streams is passed over.
pub(super) fn objects(bytes: &[u8]) -> Vec<Object> {
    let mut found = Vec::new();
    let mut lengths: Option<BTreeMap<u32, usize>> = None;
    // A value that is never closed leads to the end of the file, and there may be many.
    let mut budget = bytes.len().saturating_mul(4);
    let mut at = 0;
    while let Some(word) = find(bytes, b"obj", at).filter(|_| budget > 0) {
        at = word + 3;
        let Some((number, start)) = head(bytes, word) else { continue };
        let mut parser = Parser { bytes, at };
        let value = parser.value(0);
        budget = budget.saturating_sub(parser.at - at);
        let Some(value) = value else { continue };
        let end = value.end;
        parser.blanks();
        if bytes[parser.at..].starts_with(b"stream") {
            let length = match value.get(b"Length").map(|length| &length.kind) {
                Some(Kind::Integer(length)) => usize::try_from(*length).ok(),
                Some(Kind::Reference(number)) => {
                    lengths.get_or_insert_with(|| integers(bytes)).get(number).copied()
                }
                _ => None,
            };
            let from = parser.at + 6;
            at = after_stream(bytes, from, length);
            if at == from {
                budget = budget.saturating_sub(bytes.len() - from);
            }
            found.push(Object { number, start, value, stream: Some((from, at)) });
        } else {
            at = end;
            found.push(Object { number, start, value, stream: None });
        }
    }
    found
}

/// Where a stream's content is over: where its length says so and the word stands there. Where it does
/// not, whichever comes first, so that no damage hides what follows.
fn after_stream(bytes: &[u8], from: usize, length: Option<usize>) -> usize {
    const WORD: &[u8] = b"endstream";
    let said = length.and_then(|length| from.checked_add(length)).filter(|end| *end <= bytes.len());
    let is_sound = said.is_some_and(|end| {
        let near = &bytes[end..bytes.len().min(end + WORD.len() + 4)];
        find(near, WORD, 0).is_some()
    });
    match said {
        Some(end) if is_sound => end,
        Some(end) => find(&bytes[..end.max(from)], WORD, from).unwrap_or(end.max(from)),
        None => find(bytes, WORD, from).unwrap_or(from),
    }
}

/// Objects that are whole numbers, such as lengths of streams; the last of a number counts.
fn integers(bytes: &[u8]) -> BTreeMap<u32, usize> {
    let mut found = BTreeMap::new();
    let mut at = 0;
    while let Some(word) = find(bytes, b"obj", at) {
        at = word + 3;
        let Some((number, _)) = head(bytes, word) else { continue };
        let mut parser = Parser { bytes, at };
        parser.blanks();
        if let Some(Value { kind: Kind::Integer(length), .. }) = parser.number()
            && let Ok(length) = usize::try_from(length)
        {
            found.insert(number, length);
        }
    }
    found
}

/// The number before `obj`, and where it stands.
fn head(bytes: &[u8], word: usize) -> Option<(u32, usize)> {
    let before = |end: usize| {
        let from = bytes[..end].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
        (from < end && end - from <= 10).then_some(from)
    };
    let blank = |end: usize| {
        let from = bytes[..end].iter().rposition(|byte| !is_blank(*byte)).map_or(0, |at| at + 1);
        (from < end).then_some(from)
    };
    // Some writers leave no blank between the generation and the word.
    let generation_end = blank(word).unwrap_or(word);
    let generation = before(generation_end)?;
    let number_end = blank(generation)?;
    let start = before(number_end)?;
    let number = std::str::from_utf8(&bytes[start..number_end]).ok()?.parse().ok()?;
    Some((number, start))
}

/// Where a word stands, from a place on.
pub(super) fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    Some(from + memmem::find(bytes.get(from..)?, word)?)
}

/// White space of PDF (ISO 32000-1, table 1).
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

struct Parser<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            if is_blank(byte) {
                self.at += 1;
            } else if byte == b'%' {
                while self.peek().is_some_and(|byte| !matches!(byte, 10 | 13)) {
                    self.at += 1;
                }
            } else {
                break;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.blanks();
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let kind = match *rest.first()? {
            b'<' if rest.starts_with(b"<<") => self.dictionary(depth)?,
            b'<' => self.hexadecimal()?,
            b'(' => self.literal()?,
            b'/' => Kind::Name(self.name()),
            b'[' => {
                self.at += 1;
                let mut values = Vec::new();
                loop {
                    self.blanks();
                    if self.peek()? == b']' {
                        self.at += 1;
                        break Kind::Array(values);
                    }
                    values.push(self.value(depth + 1)?);
                }
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => return self.number(),
            byte if is_delimiter(byte) => return None,
            _ => {
                self.word();
                Kind::Other
            }
        };
        Some(Value { start, end: self.at, kind })
    }

    fn dictionary(&mut self, depth: usize) -> Option<Kind> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.blanks();
            if self.bytes.get(self.at..)?.starts_with(b">>") {
                self.at += 2;
                return Some(Kind::Dictionary(entries));
            }
            if self.peek()? != b'/' {
                return None;
            }
            let name = self.name();
            entries.push((name, self.value(depth + 1)?));
        }
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| !is_blank(*byte) && !is_delimiter(*byte)) {
            self.at += 1;
            let digits = self.bytes.get(self.at..self.at + 2).and_then(|two| std::str::from_utf8(two).ok());
            match digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| byte == b'#') {
                Some(escaped) => {
                    self.at += 2;
                    name.push(escaped);
                }
                None => name.push(byte),
            }
        }
        name
    }

    fn word(&mut self) {
        while self.peek().is_some_and(|byte| !is_blank(byte) && !is_delimiter(byte)) {
            self.at += 1;
        }
    }

    /// A number, or a reference where two numbers and an `R` follow each other.
    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.word();
        let word = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        let end = self.at;
        let Ok(number) = word.trim_start_matches('+').parse::<i64>() else {
            return (end > start).then_some(Value { start, end, kind: Kind::Other });
        };
        let value = Value { start, end, kind: Kind::Integer(number) };
        self.blanks();
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let generation = self.at > from;
        self.blanks();
        let after = self.bytes.get(self.at + 1).copied();
        if generation && self.peek() == Some(b'R') && after.is_none_or(|b| is_blank(b) || is_delimiter(b)) {
            self.at += 1;
            let number = u32::try_from(number).ok()?;
            return Some(Value { start, end: self.at, kind: Kind::Reference(number) });
        }
        self.at = end;
        Some(value)
    }

    fn hexadecimal(&mut self) -> Option<Kind> {
        let inside = self.bytes.get(self.at + 1..)?;
        let Some(length) = inside.iter().position(|byte| *byte == b'>') else {
            self.at = self.bytes.len();
            return None;
        };
        self.at += length + 2;
        Some(Kind::Text(digits(&inside[..length])?))
    }

    fn literal(&mut self) -> Option<Kind> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1);
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(Kind::Text(text));
                    }
                }
                b'\\' => {
                    self.escape(&mut text)?;
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut number = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(digit @ b'0'..=b'7') => {
                            number = number * 8 + u32::from(digit - b'0');
                            self.at += 1;
                        }
                        _ => break,
                    }
                }
                text.push(u8::try_from(number & 0xff).unwrap_or(0));
            }
            other => text.push(other),
        }
        Some(())
    }
}

/// Bytes from hexadecimal digits between which there may be blanks.
pub(super) fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.iter().filter(|byte| !is_blank(**byte)) {
        digits.push(u8::try_from(char::from(*byte).to_digit(16)?).ok()?);
    }
    Some(digits.chunks(2).map(|two| two[0] << 4 | two.get(1).copied().unwrap_or(0)).collect())
}
