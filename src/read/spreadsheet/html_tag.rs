//! Tags and references of HTML, and which elements a browser does not show.
//!
//! Each piece of a page is looked at once, whatever stands in it. Style sheets are not applied: what only
//! they hide is read.

/// A tag, comment or declaration.
pub(super) struct HtmlTag<'t> {
    /// In lower case; empty for a comment.
    pub(super) name: String,
    pub(super) end: bool,
    attributes: &'t str,
    /// What follows it.
    pub(super) after: &'t str,
}

/// Elements that hold nothing and have no end.
const EMPTY: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

impl<'t> HtmlTag<'t> {
    /// Reads a tag at the beginning; `None` where `<` stands for itself.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        if let Some(comment) = text.strip_prefix("<!--") {
            let after = comment.split_once("-->").map_or("", |(_, after)| after);
            return Some(Self { name: String::new(), end: false, attributes: "", after });
        }
        let inside = text.strip_prefix('<')?;
        let end = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return None;
        }
        let close = inside.find('>')?;
        let (tag, after) = (inside.get(..close)?, inside.get(close + 1..)?);
        let split = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(split);
        Some(Self { name: name.to_ascii_lowercase(), end, attributes, after })
    }

    /// The value of an attribute in lower case; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let blank = |c: char| c.is_whitespace() || c == '/';
        let mut rest = self.attributes.trim_start_matches(blank);
        while !rest.is_empty() {
            let length = rest.find(|c: char| blank(c) || c == '=').unwrap_or(rest.len()).max(1);
            let (own, after) = rest.split_at_checked(length)?;
            let after = after.trim_start();
            let (value, after) = match after.strip_prefix('=').map(str::trim_start) {
                None => ("", after),
                Some(told) => match told.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                    Some(quote) => {
                        let inside = told.get(1..)?;
                        inside.split_once(quote).unwrap_or((inside, ""))
                    }
                    None => told.split_at(told.find(char::is_whitespace).unwrap_or(told.len())),
                },
            };
            if own.eq_ignore_ascii_case(name) {
                return Some(value.to_ascii_lowercase());
            }
            rest = after.trim_start_matches(blank);
        }
        None
    }

    pub(super) fn span(&self, name: &str) -> u32 {
        self.attribute(name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, 1000)
    }

    /// Whether the element says that it is not to be shown.
    pub(super) fn is_unseen(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default();
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        ["display:none", "visibility:hidden", "visibility:collapse"].iter().any(|word| style.contains(word))
            || self.attribute("hidden").is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        EMPTY.contains(&self.name.as_str())
    }
}

/// An element that is not shown, while its inside is passed over.
pub(super) struct Unseen {
    name: String,
    /// Elements of its name that are open, itself among them.
    open: u32,
    /// Tables that are open in it.
    tables: u32,
    /// What stands in it.
    pub(super) text: String,
}

/// How deep the pieces of a table lie in it: one ends where the next of its depth, or one further out,
/// begins or ends.
const DEPTHS: &[(&str, u8)] =
    &[("table", 0), ("thead", 1), ("tbody", 1), ("tfoot", 1), ("tr", 2), ("td", 3), ("th", 3)];

/// Elements that end a paragraph by their beginning.
const BLOCKS: &[&str] = &["p", "div", "table", "ul", "ol", "h1", "h2", "h3", "hr"];

/// What a tag means to an element that is not shown.
#[derive(PartialEq, Eq)]
pub(super) enum Reach {
    Inside,
    /// It is the element's own end.
    End,
    /// The element has ended before it.
    Behind,
}

impl Unseen {
    pub(super) fn of(tag: &HtmlTag<'_>) -> Self {
        Self { name: tag.name.clone(), open: 1, tables: 0, text: String::new() }
    }

    pub(super) fn take(&mut self, tag: &HtmlTag<'_>) -> Reach {
        let depth = |name: &str| DEPTHS.iter().find(|(own, _)| *own == name).map(|(_, depth)| *depth);
        let (own, other) = (depth(&self.name), depth(&tag.name));
        if tag.name == self.name && (tag.end || own.is_none_or(|own| own == 0) && self.name != "p") {
            self.open = if tag.end { self.open.saturating_sub(1) } else { self.open + 1 };
            return if self.open == 0 { Reach::End } else { Reach::Inside };
        }
        if self.tables == 0 {
            let paragraph_ends = self.name == "p" && !tag.end && BLOCKS.contains(&tag.name.as_str());
            // Inside a table element only what lies as far out ends it; inside any other all of them do.
            let table_ends =
                other.is_some_and(|other| other <= own.unwrap_or(u8::MAX) && (other > 0 || tag.end));
            if paragraph_ends || table_ends && self.name != "table" {
                return Reach::Behind;
            }
        }
        if tag.name == "table" {
            self.tables = if tag.end { self.tables.saturating_sub(1) } else { self.tables + 1 };
        }
        Reach::Inside
    }
}

/// Text with the references that tables use.
pub(super) fn resolved(text: &str) -> String {
    // Line ends of the source are blanks.
    let text = text.replace(['\n', '\r', '\t'], " ");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        // The longest of them is shorter than ten bytes.
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        let character = end.and_then(|end| meant(rest.get(1..end)?));
        match (character, end) {
            (Some(character), Some(end)) => {
                out.push(character);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that a reference means.
fn meant(name: &str) -> Option<char> {
    const NAMES: &[(&str, char)] =
        &[("nbsp", ' '), ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("yen", '¥')];
    if let Some((_, character)) = NAMES.iter().find(|(own, _)| *own == name) {
        return Some(*character);
    }
    let number = name.strip_prefix('#')?;
    let hex = number.strip_prefix(['x', 'X']);
    let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
    code.and_then(char::from_u32)
}

/// Where a word stands, whatever its case; a word of ASCII.
pub(super) fn position(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
