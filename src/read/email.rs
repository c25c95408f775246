//! E-mails: the files that hang on them become documents, and what they say is kept as data.

use super::{Content, Source, Unpacked, archive};
use crate::{
    container::{
        archive::{ArchiveLimits, ArchiveTrouble, Opened, shown_name},
        email::{self, Mail},
    },
    model::{
        limits::Limits,
        payload::{Node, Payload},
        problem::Problem,
    },
};

/// Takes an e-mail apart and reads what hangs on it, e-mails inside e-mails down to a limit.
pub(super) fn read(source: &Source<'_>) -> Content {
    let Source { name, bytes, limits, depth } = source;
    let mut content = Content::default();
    let Some(Mail { fields, text, opened }) = email::opened(bytes, ArchiveLimits::of_archive(limits)) else {
        content.problems.push(unreadable());
        return content;
    };
    let (files, problems) = attachments(opened);
    content.problems = problems;
    if files.is_empty() || *depth < limits.archive_depth {
        content.parts = archive::parts(name, files, limits, *depth);
    } else {
        content.problems.push(archive::too_deep(limits.archive_depth));
    }
    let said = fields.into_iter().chain((!text.is_empty()).then_some(("Text", text)));
    let nodes = said.map(|(field, text)| Node { path: format!("Mail/{field}"), text, places: Vec::new() });
    content.payloads.push(Payload { kind: "Mail".to_owned(), part: String::new(), nodes: nodes.collect() });
    content
}

/// The files that hang on an e-mail by their names, and what could not be read.
pub(super) fn unpack(bytes: &[u8], limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
    match email::opened(bytes, ArchiveLimits::of_archive(limits)) {
        Some(mail) => attachments(mail.opened),
        None => (Vec::new(), vec![unreadable()]),
    }
}

fn attachments((files, troubles): Opened) -> (Vec<Unpacked>, Vec<Problem>) {
    (files.into_iter().map(archive::unpacked).collect(), troubles.iter().map(problem).collect())
}

fn unreadable() -> Problem {
    Problem::new(
        "mail-unreadable",
        "邮件文件已损坏，无法读取；请从邮箱重新导出，或直接提交附件",
        "the e-mail is damaged and cannot be read; save it again, or hand its attachments in directly",
    )
}

fn problem(trouble: &ArchiveTrouble) -> Problem {
    match trouble {
        ArchiveTrouble::Damaged { raw_name, why } => {
            let name = shown_name(raw_name);
            Problem::new(
                "mail-attachment-damaged",
                format!("邮件附件“{name}”无法解码（{why}），未读取；请直接提交该附件"),
                format!(
                    "the attachment {name:?} cannot be decoded ({why}) and was not read; hand it in directly"
                ),
            )
        }
        ArchiveTrouble::Torn(why) => Problem::new(
            "mail-cut-off",
            format!("邮件不完整，末尾缺失（{why}），最后的附件可能缺失或不完整；请从邮箱重新导出"),
            format!(
                "the e-mail is cut off ({why}) and its last attachment may be missing or incomplete; save it again"
            ),
        ),
        other => archive::problem(other),
    }
}
