//! E-mails as they are saved (RFC 5322, MIME): what they say, and the files that hang on them.

use mail_parser::{
    Address, Encoding, Header, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};
use memchr::memmem;

use super::{
    archive::{ArchiveLimits, ArchiveTrouble, Intake, Opened},
    charset,
};

/// An e-mail, taken apart.
#[derive(Debug, Default)]
pub struct Mail {
    /// `From`, `To`, `Cc`, `Date` and `Subject` with what stands in them, where they are there.
    pub fields: Vec<(&'static str, String)>,
    /// What the e-mail says, as plain text.
    pub text: String,
    /// The files that hang on it, e-mails among them, and what could not be read.
    pub opened: Opened,
}

/// Names of header fields that e-mails begin with, in lower case.
const FIELDS: &[&str] = &[
    "bcc",
    "cc",
    "content-class",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "from",
    "in-reply-to",
    "message-id",
    "mime-version",
    "received",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "snapshot-content-location",
    "subject",
    "thread-index",
    "to",
];

/// Whether a file begins as an e-mail does: fields by name, at least three that e-mails have.
#[must_use]
pub fn claims(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut known = 0;
    for line in head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end) {
        match line.first() {
            None => break,
            // A long field goes on in the next line.
            Some(b' ' | b'\t') if known > 0 => continue,
            Some(_) => {}
        }
        let Some(name) = line.split(|byte| *byte == b':').next().filter(|name| name.len() < line.len())
        else {
            // The last line of the head may be cut in its middle.
            break;
        };
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
        if name.is_empty() || !name.iter().all(is_token) {
            return false;
        }
        let name = name.to_ascii_lowercase();
        known += usize::from(FIELDS.iter().any(|field| field.as_bytes() == name));
        if known == 3 {
            return true;
        }
    }
    false
}

/// Takes an e-mail apart; `None` where there is none.
#[must_use]
pub fn opened(bytes: &[u8], limits: ArchiveLimits) -> Option<Mail> {
    let message = MessageParser::default().parse(bytes)?;
    let mut intake = Intake::new(limits);
    let count = message.attachments.len();
    if count > limits.entries {
        intake.say(ArchiveTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    for (number, part) in (1..).zip(message.attachments().take(limits.entries)) {
        take(&message, part, number, &mut intake);
    }
    if !is_closed(&message, bytes) {
        intake.say(ArchiveTrouble::Torn("the last boundary is missing".to_owned()));
    }
    Some(Mail { fields: fields(&message), text: text(&message), opened: intake.opened() })
}

/// Takes in one file that hangs on an e-mail, as the bytes that were sent: the library would give
/// text in another charset than the file's own.
fn take(message: &Message<'_>, part: &MessagePart<'_>, number: usize, intake: &mut Intake) {
    let name = named(message, part, number).into_bytes();
    let raw =
        message.raw_message().get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match (&part.body, part.encoding) {
        _ if part.is_encoding_problem => None,
        (PartType::Text(_) | PartType::Html(_), Encoding::Base64) => base64_decode(raw),
        (PartType::Text(_) | PartType::Html(_), Encoding::QuotedPrintable) => quoted_printable_decode(raw),
        (PartType::Message(_), Encoding::None) | (PartType::Text(_) | PartType::Html(_), Encoding::None) => {
            Some(raw.to_vec())
        }
        _ => Some(part.contents().to_vec()),
    };
    match bytes {
        Some(bytes) => {
            intake.take(name, bytes.len() as u64, bytes.as_slice());
        }
        None => intake.say(ArchiveTrouble::Damaged {
            raw_name: name,
            why: "what was sent does not decode or ends too early".to_owned(),
        }),
    }
}

/// The name of an attached file, or its number and what it is said to be.
fn named(message: &Message<'_>, part: &MessagePart<'_>, number: usize) -> String {
    let unnamed = || match &part.body {
        PartType::Message(inner) => {
            format!("{}.eml", inner.subject().map_or_else(|| number.to_string(), str::to_owned))
        }
        _ => {
            let kind = part.content_type().and_then(|kind| kind.subtype()).unwrap_or("bin");
            format!("{number}.{kind}")
        }
    };
    let name = match part.attachment_name() {
        Some(name) if name.contains('\u{fffd}') => raw_name(message, part).unwrap_or_else(|| name.to_owned()),
        Some(name) if !name.trim().is_empty() => name.to_owned(),
        _ => unnamed(),
    };
    // A name is shown and nothing is written below it; folders in it mean nothing.
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).collect();
    name.trim().to_owned()
}

/// A name as it stands in a header, where the library lost characters of it.
fn raw_name(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    let is_named = |header: &&Header<'_>| {
        matches!(header.name, HeaderName::ContentDisposition | HeaderName::ContentType)
    };
    part.headers.iter().filter(is_named).find_map(|header| {
        let raw = message.raw_message().get(header.offset_start as usize..header.offset_end as usize)?;
        pieced(raw).or_else(|| {
            // In plain bytes, as old programs wrote it, in its likely charset.
            Some(charset::guessed(parameter(raw, b"name=")?).into_owned())
        })
    })
}

/// A name in pieces (RFC 2231), whose charset stands before the first and holds for all of them.
fn pieced(raw: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    for number in 0..100 {
        if let Some(piece) = parameter(raw, format!("name*{number}*=").as_bytes()) {
            bytes.extend(unescaped(piece));
        } else if let Some(piece) = parameter(raw, format!("name*{number}=").as_bytes()) {
            bytes.extend_from_slice(piece);
        } else {
            break;
        }
    }
    let mut parts = bytes.splitn(3, |byte| *byte == b'\'');
    let (charset, _, name) = (parts.next()?, parts.next()?, parts.next()?);
    let text = charset::named(std::str::from_utf8(charset).ok()?, name);
    Some(text.unwrap_or_else(|| charset::guessed(name)).into_owned())
}

/// The value behind a key in a header field, without quotes.
fn parameter<'h>(raw: &'h [u8], key: &[u8]) -> Option<&'h [u8]> {
    let at = raw.windows(key.len()).position(|window| window.eq_ignore_ascii_case(key))?;
    let value = raw.get(at + key.len()..)?;
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|byte| *byte == b'"').next()?,
        None => value.split(|byte| matches!(byte, b';' | b'\r' | b'\n')).next()?,
    };
    Some(value.trim_ascii())
}

/// Bytes written as `%` and two digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let pair = digit(text.get(at + 1)).zip(digit(text.get(at + 2))).filter(|_| *byte == b'%');
        bytes.push(pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()).unwrap_or(*byte));
        at += if pair.is_some() { 3 } else { 1 };
    }
    bytes
}

/// Whether the outermost boundary is closed; without one there is nothing to close.
fn is_closed(message: &Message<'_>, bytes: &[u8]) -> bool {
    let kind = message.content_type().filter(|kind| kind.ctype() == "multipart");
    let Some(boundary) = kind.and_then(|kind| kind.attribute("boundary")) else { return true };
    let last = format!("--{boundary}--");
    memmem::find(bytes, last.as_bytes()).is_some()
}

fn fields(message: &Message<'_>) -> Vec<(&'static str, String)> {
    let found = [
        ("From", message.from().map(addresses)),
        ("To", message.to().map(addresses)),
        ("Cc", message.cc().map(addresses)),
        ("Date", message.date().map(mail_parser::DateTime::to_rfc3339)),
        ("Subject", message.subject().map(str::to_owned)),
    ];
    found.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn addresses(address: &Address<'_>) -> String {
    let one = |address: &mail_parser::Addr<'_>| match (&address.name, &address.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    };
    address.iter().map(one).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

fn text(message: &Message<'_>) -> String {
    let parts = (0..message.text_body_count()).filter_map(|at| message.body_text(at));
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}
