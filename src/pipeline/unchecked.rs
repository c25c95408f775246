//! What of a case nothing checks, and what of the operator's lists stays out of its reports.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Tools;
use crate::{
    check, lists,
    model::{fact::FactId, finding::Message, paper::Paper},
    rulebook::Pack,
};

/// Leaves of lists that everybody gets as a whole the lines that findings cite.
pub(super) fn only_cited(papers: &mut [Paper], checked: &check::Checked) {
    let findings = checked.findings.iter().chain(&checked.judgement);
    let cited: BTreeSet<FactId> = findings.flat_map(|finding| finding.evidence.iter().copied()).collect();
    let kinds = lists::KINDS.iter().filter(|kind| kind.concerns_all).map(|kind| kind.name);
    let kinds: BTreeSet<&str> = kinds.collect();
    for paper in papers.iter_mut().filter(|paper| kinds.contains(paper.document_type.as_str())) {
        for rows in paper.record.rows.values_mut() {
            rows.retain(|row| row.fields.values().any(|fact| cited.contains(&fact.id)));
        }
    }
}

/// What no offline check can tell, and what was not asked for want of a list.
pub(super) fn not_checked(tools: &Tools, pack: &Pack, today: NaiveDate) -> Vec<Message> {
    const UNVOUCHED: (&str, &str) = (
        "电子签名和印章只核对了是否与内容相符、签名后有无改动；没有配置受信任的根证书，证书由谁签发、是否已吊销均未核实",
        "signatures and seals were only held against what they cover and what was added afterwards; no root is trusted, so neither who issued the certificates nor whether they were revoked was verified",
    );
    const UNREVOKED: (&str, &str) =
        ("未查询签名证书是否已吊销", "whether certificates of signatures were revoked was not asked");
    let sentences: &[(&str, &str)] = &[
        (
            "未联网查验：发票真伪与是否已红冲、证书状态、企业登记信息均未向发证或税务系统核实",
            "nothing was verified online: whether invoices are genuine or were reversed, certificates still in force, registrations unchanged",
        ),
        if tools.trust.is_empty() { UNVOUCHED } else { UNREVOKED },
        (
            "发票、回单、审计报告和证书是否也用于其他申报，只与一并核验的申报和所指定存储中的申报比较",
            "whether invoices, receipts, reports and certificates are used in other applications was only asked of those verified together and of those in the store that was named",
        ),
    ];
    let said = sentences.iter().map(|(zh, en)| Message { zh: (*zh).to_owned(), en: (*en).to_owned() });
    let (from, to) = (pack.in_force.from, pack.in_force.to);
    let not_in_force = (!pack.in_force.contains(today)).then(|| Message {
        zh: format!("核验所依的日期{today}不在本规则包的有效期{from}至{to}之内，是否仍应适用未核实"),
        en: format!("{today} lies outside {from} to {to}, when the call is in force; whether it still applies was not checked"),
    });
    let has = |kind: &str| tools.lists.iter().any(|list| list.kind == kind);
    let of_pack = pack.not_checked.iter().filter(|one| !one.without.as_deref().is_some_and(has));
    said.chain(of_pack.map(|one| one.said.clone())).chain(not_in_force).collect()
}
