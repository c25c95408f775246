//! What to say of text whose bytes are not what they should be.

use crate::{container::xml::XmlTrouble, model::problem::Problem};

/// The problem that an oddity of an XML file's text is, where it is nothing worse.
pub(super) fn of_xml(trouble: &XmlTrouble) -> Option<Problem> {
    match trouble {
        XmlTrouble::Charset { named } => Some(other_charset(named)),
        XmlTrouble::Bytes { lost } => Some(damaged(*lost)),
        _ => None,
    }
}

/// The file names a charset that its bytes are not in.
pub(super) fn other_charset(named: &str) -> Problem {
    Problem::new(
        "charset-differs",
        format!("文件声明的字符编码“{named}”与实际不符，已按实际编码读取；请核对文字，或重新导出后提交"),
        format!(
            "the file is not in the charset {named:?} that it names and was read in its own; check the text or export it again"
        ),
    )
}

/// Some bytes are no characters.
pub(super) fn damaged(lost: usize) -> Problem {
    Problem::new(
        "text-damaged",
        format!("文件中有 {lost} 处字节不是文字，读取为“\u{fffd}”；请重新导出后提交"),
        format!("{lost} pieces of the file are no characters and were read as \u{fffd}; export it again"),
    )
}
