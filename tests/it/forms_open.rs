//! What a form leaves open: a value that is not sure to be meant is said and not taken.

use std::collections::BTreeMap;

use super::forms::{filled, flat, sheet};

#[test]
fn nothing_in_a_form_is_guessed() {
    type Said = &'static [(&'static str, &'static str)];
    let table: &[(&str, &[&str], Said, &[&str])] = &[
        (
            "numbers, stars and remarks belong to labels",
            &["1、申报单位（盖章）：|苏州木禾纺织有限公司", "*（二）成立时间|2015年6月1日"],
            &[("applicant.name", "苏州木禾纺织有限公司"), ("applicant.established_on", "2015-06-01")],
            &[],
        ),
        (
            "a value in the label's own cell",
            &["项目名称：纺纱车间改造|"],
            &[("project.name", "纺纱车间改造")],
            &[],
        ),
        (
            "an empty cell before the next label",
            &["项目名称||项目状态|已建成"],
            &[("project.status", "built")],
            &[],
        ),
        (
            "a unit in the label",
            &["注册资本（万元）|500"],
            &[("applicant.registered_capital", "5000000.00")],
            &[],
        ),
        (
            "a unit behind the amount",
            &["注册资本|500万元"],
            &[("applicant.registered_capital", "5000000.00")],
            &[],
        ),
        (
            "a unit in the heading of the column",
            &["投入类别|金额（万元）", "平台和系统开发费|800.5", "合计|800.5"],
            &[
                ("benchmark_factory.investment.platform_system_development", "8005000.00"),
                ("benchmark_factory.investment.total", "8005000.00"),
            ],
            &[],
        ),
        (
            "a unit in a caption",
            &["单位：万元|", "投入类别|金额", "平台和系统开发费|800.5"],
            &[("benchmark_factory.investment.platform_system_development", "8005000.00")],
            &[],
        ),
        ("no unit", &["注册资本|500"], &[], &["unit-unknown"]),
        ("two units", &["注册资本（万元）|5000000元"], &[], &["units-differ"]),
        (
            "the unit of another label above",
            &["申报单位|注册资本（万元）|500", "审计确认金额|800|"],
            &[("applicant.registered_capital", "5000000.00")],
            &["unit-unknown"],
        ),
        ("a year and an amount", &["注册资本（万元）|2021年 500"], &[], &["unreadable"]),
        ("an amount that is none and another", &["注册资本（万元）|1,23.50（原500）"], &[], &["unreadable"]),
        (
            "an amount with a remark",
            &["注册资本（万元）|人民币500万元整（实缴）"],
            &[("applicant.registered_capital", "5000000.00")],
            &[],
        ),
        ("figures that go on", &["注册资本（元）|5,000,000. 25"], &[], &["unreadable"]),
        (
            "years and their sum",
            &["投入类别|2021年（万元）|2022年（万元）|合计（万元）", "平台和系统开发费|300|500|800"],
            &[("benchmark_factory.investment.platform_system_development", "8000000.00")],
            &[],
        ),
        (
            "years without a sum",
            &["投入类别|2021年（万元）|2022年（万元）", "平台和系统开发费|300|500"],
            &[],
            &["several-values"],
        ),
        ("a total of another table", &["设备台数|12", "合计|12"], &[], &[]),
        ("one box of three", &["项目状态|□已建成 ☑在建 □未开工"], &[("project.status", "in_progress")], &[]),
        ("a tick in brackets", &["项目状态|（√）已建成 （ ）在建"], &[("project.status", "built")], &[]),
        ("boxes behind", &["项目状态|已建成□ 在建☑ 未开工□"], &[("project.status", "in_progress")], &[]),
        (
            "a box that was lost before the first option",
            &["项目状态|已建成 ☑在建 □未开工"],
            &[],
            &["unreadable"],
        ),
        ("an option without a box", &["已获星级|□三星级 四星级"], &[], &["unreadable"]),
        ("something unknown ticked besides", &["项目状态|☑其它 ☑已建成"], &[], &["several-values"]),
        ("two boxes", &["项目状态|☑已建成 ☑在建 □未开工"], &[], &["several-values"]),
        (
            "boxes that were not read",
            &["项目状态|已建成 在建 未开工", "是否升级申报|是 否"],
            &[],
            &["several-values"; 2],
        ),
        ("a box that was not read", &["项目状态|已建成 □在建 □未开工"], &[], &["unreadable"]),
        ("no box", &["是否升级申报|□是 □否", "已获星级|三星级□ 四星级□ 五星级□"], &[], &[]),
        ("a box for something unknown", &["项目状态|□已建成 ☑其它"], &[], &["unreadable"]),
        (
            "no is not yes",
            &["是否升级申报|否", "申报时间|2023.2.20"],
            &[("platform.is_upgrade", "false"), ("submitted_on", "2023-02-20")],
            &[],
        ),
        ("a day that does not exist", &["成立日期|2015年2月30日"], &[], &["unreadable"]),
        ("blanks for a day", &["成立日期|    年  月  日", "申报日期|/"], &[], &[]),
        (
            "two applicants",
            &["申报单位|苏州木禾纺织有限公司", "申报单位|无锡朗川机械有限公司"],
            &[("applicant.name", "苏州木禾纺织有限公司")],
            &["declared-differently"],
        ),
        (
            "a value that stands twice",
            &["成立日期|2015-06-01", "注册资本|500万元", "成立日期|2016-06-01"],
            &[("applicant.established_on", "2015-06-01"), ("applicant.registered_capital", "5000000.00")],
            &["declared-differently"],
        ),
        (
            "options that are ticked, and names with signs between them",
            &["基础技术能力|☑设备互联 □数据集成 ☑网络安全", "曾用名|甲公司、乙公司"],
            &[
                ("benchmark_factory.capabilities.basic[0].value", "设备互联"),
                ("benchmark_factory.capabilities.basic[1].value", "网络安全"),
                ("applicant.former_names[0].value", "甲公司"),
                ("applicant.former_names[1].value", "乙公司"),
            ],
            &[],
        ),
        (
            "a list, its sum, and a row without its key",
            &[
                "证书名称|证书编号|有效期至",
                "两化融合管理体系评定证书|AIITRE-00119IIIMS0108401|2024年3月31日",
                "质量管理体系认证证书||2024-05-01",
                "合计|1|",
                "三、申报项目",
                "项目名称|纺纱车间改造",
            ],
            &[
                ("benchmark_factory.certificates[0].kind", "iiims"),
                ("benchmark_factory.certificates[0].number", "AIITRE-00119IIIMS0108401"),
                ("benchmark_factory.certificates[0].valid_until", "2024-03-31"),
                ("project.name", "纺纱车间改造"),
            ],
            &["form-row-incomplete"],
        ),
        (
            "a code with something else in its cell",
            &["发票号码|开票日期|价税合计（元）", "12345678 等3张|2022-03-01|100.00"],
            &[
                ("benchmark_factory.invoices[0].issued_on", "2022-03-01"),
                ("benchmark_factory.invoices[0].gross", "100.00"),
            ],
            &["unreadable"],
        ),
        (
            "payments under their service, and one under none",
            &[
                "序号|云服务名称|云服务商|实际付款金额（元）",
                "1|云服务器|木禾云|300.00",
                "服务序号|付款日期|付款金额（元）",
                "1|2022-05-01|300.00",
                "7|2022-06-01|50.00",
            ],
            &[
                ("star_cloud.services[0].seq", "1"),
                ("star_cloud.services[0].name", "云服务器"),
                ("star_cloud.services[0].provider", "木禾云"),
                ("star_cloud.services[0].amount_paid", "300.00"),
                ("star_cloud.services[0].payments[0].paid_on", "2022-05-01"),
                ("star_cloud.services[0].payments[0].amount", "300.00"),
            ],
            &["form-row-belongs-nowhere"],
        ),
        ("an end alone", &["投入期间|截至2022年12月31日"], &[], &["unreadable"; 2]),
        (
            "a period in one cell",
            &["投入期间|2020年1月1日至2022年12月31日"],
            &[
                ("benchmark_factory.investment.period.from", "2020-01-01"),
                ("benchmark_factory.investment.period.to", "2022-12-31"),
            ],
            &[],
        ),
    ];
    for (what, rows, wanted, said) in table {
        let (record, _, problems) = filled(&sheet(rows));
        let wanted: BTreeMap<String, String> =
            wanted.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        assert_eq!(flat(&record), wanted, "{what}");
        assert_eq!(problems, *said, "{what}");
    }
}
