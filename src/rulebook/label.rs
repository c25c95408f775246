//! Labels of fields and headings as patterns.

/// A label as a pattern: white space is optional between its characters, and case does not count.
pub(super) fn spaced(label: &str) -> String {
    let mut out = "(?i)".to_owned();
    for (at, c) in label.chars().filter(|c| !c.is_whitespace()).enumerate() {
        if at > 0 {
            out.push_str(r"\s*");
        }
        out.push_str(&regex::escape(&c.to_string()));
    }
    out
}
