//! E-mails: the files that hang on them become documents, and what they say is kept as data.

use super::{Content, Source, archive};
use crate::{
    container::{
        archive::{ArchiveLimits, ArchiveTrouble, shown_name},
        email::{self, Mail},
    },
    model::{
        payload::{Node, Payload},
        problem::Problem,
    },
};

/// Takes an e-mail apart and reads what hangs on it, e-mails inside e-mails down to a limit.
pub(super) fn read(source: &Source<'_>) -> Content {
    let Source { name, bytes, limits, depth } = source;
    let mut content = Content::default();
    if *depth >= limits.archive_depth {
        content.problems.push(archive::too_deep(limits.archive_depth));
        return content;
    }
    let Some(Mail { fields, text, opened }) = email::opened(bytes, ArchiveLimits::of_archive(limits)) else {
        content.problems.push(Problem::new(
            "mail-unreadable",
            "邮件文件已损坏，无法读取；请从邮箱重新导出，或直接提交附件",
            "the e-mail is damaged and cannot be read; save it again, or hand its attachments in directly",
        ));
        return content;
    };
    let (files, troubles) = opened;
    let files = files.into_iter().map(archive::unpacked).collect();
    content.parts = archive::parts(name, files, limits, *depth);
    content.problems = troubles.iter().map(problem).collect();
    let said = fields.into_iter().chain((!text.is_empty()).then_some(("Text", text)));
    let nodes = said.map(|(field, text)| Node { path: format!("Mail/{field}"), text, places: Vec::new() });
    content.payloads.push(Payload { kind: "Mail".to_owned(), part: String::new(), nodes: nodes.collect() });
    content
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
