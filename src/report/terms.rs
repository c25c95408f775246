//! Names of fields, document types, reasons and notes in plain language.
//!
//! A code that has no row is shown as it is: packs may bring codes of their own.

use std::collections::BTreeMap;

use super::{Lang, reasons::REASONS};
use crate::model::finding::Message;

pub(super) type Row = (&'static str, &'static str, &'static str);

fn find(table: &[Row], code: &str, lang: Lang) -> Option<&'static str> {
    table.iter().find(|(name, ..)| *name == code).map(|(_, zh, en)| lang.of(zh, en))
}

/// What a reason or note means, by the call's `own` words or else by those here; `None` for one that neither knows.
/// Case does not matter, and what follows the code after a space (`NOT_SUPPLIED audit_report`) is what it is about.
#[must_use]
pub fn reason(code: &str, own: &BTreeMap<String, Message>, lang: Lang) -> Option<String> {
    let (code, about) = code.split_once(' ').map_or((code, ""), |(code, about)| (code, about.trim()));
    let known = code.to_uppercase().replace('-', "_");
    let own = own.get(&known).map(|words| lang.say(words));
    let Some(meaning) = own.or_else(|| find(REASONS, &known, lang)) else {
        return thing(code, lang).map(str::to_owned);
    };
    if about.is_empty() {
        return Some(meaning.to_owned());
    }
    let about = thing(about, lang).unwrap_or(about);
    Some(format!("{meaning}{}", lang.of("（", " (")) + about + lang.of("）", ")"))
}

/// A document type or a field path in words, where it is one.
fn thing(name: &str, lang: Lang) -> Option<&'static str> {
    let last = name.rsplit('.').next().unwrap_or(name);
    [DOCUMENT_TYPES, FIELDS].iter().find_map(|table| find(table, last, lang))
}

/// What explains a difference, in words.
pub(super) fn explanation(kind: &str, lang: Lang) -> String {
    find(EXPLANATIONS, kind, lang).map_or_else(|| kind.replace('_', " "), str::to_owned)
}

/// A document type in words.
#[must_use]
pub fn document_type(name: &str, lang: Lang) -> String {
    find(DOCUMENT_TYPES, name, lang).map_or_else(|| name.replace('_', " "), str::to_owned)
}

/// A category of the call in words.
#[must_use]
pub fn category(name: &str, lang: Lang) -> String {
    find(CATEGORIES, name, lang).map_or_else(|| name.replace('_', " "), str::to_owned)
}

/// Who read a value, in words.
pub(super) fn reader(by: &'static str, lang: Lang) -> &'static str {
    find(READERS, by, lang).unwrap_or(by)
}

/// A field path in words: `items[2].amount` is 金额 of row 3.
#[must_use]
pub fn field(path: &str, lang: Lang) -> String {
    // A row of a plain list is named by the list: `former_names[0].value`.
    let path = path.strip_suffix(".value").unwrap_or(path);
    let last = path.rsplit('.').next().unwrap_or(path);
    let last = last.split_once('[').map_or(last, |(name, _)| name);
    let name = find(FIELDS, last, lang).map_or_else(|| last.replace('_', " "), str::to_owned);
    let row = path.rsplit_once('[').and_then(|(_, rest)| rest.split_once(']')?.0.parse::<usize>().ok());
    let list = path.rsplit_once('[').and_then(|(list, _)| find(LISTS, list, lang)).unwrap_or_default();
    match (row, lang) {
        (Some(row), Lang::Zh) => format!("{list}第 {} 行{name}", row + 1),
        (Some(row), Lang::En) => format!("{name}, {list}row {}", row + 1),
        (None, _) => name,
    }
}

/// Lists beside another one of the same document.
const LISTS: &[Row] = &[("subtotals", "小计", "subtotal ")];

const READERS: &[Row] = &[
    ("text", "文字层", "text layer"),
    ("repetition", "再次印出的金额", "the amount as it is printed again"),
    ("xml", "发票数据文件", "the invoice's data"),
    ("xbrl", "XBRL 数据", "the voucher's data"),
    ("tag", "版式标引", "a tag of the layout"),
    ("data", "OFD 自带数据", "data beside the layout"),
    ("ppocr", "图像识别", "PP-OCR"),
    ("tesseract", "图像识别（二）", "Tesseract"),
    ("qr", "二维码", "QR code"),
    ("words", "大写金额", "amount in words"),
    ("arithmetic", "算术", "arithmetic"),
    ("subtotal", "明细小计", "sum of the schedule"),
    ("cell", "单元格", "cell"),
    ("form", "申报书", "declaration"),
];

const CATEGORIES: &[Row] = &[
    ("platform", "工业互联网平台", "industrial internet platform"),
    ("benchmark_factory", "标杆工厂", "benchmark factory"),
    ("star_cloud", "星级上云企业", "star-rated cloud enterprise"),
];

const DOCUMENT_TYPES: &[Row] = &[
    ("vat_invoice", "增值税发票", "VAT invoice"),
    ("business_licence", "营业执照", "business licence"),
    ("iiims_certificate", "两化融合管理体系评定证书", "IIIMS certificate"),
    ("management_certificate", "管理体系认证证书", "management system certificate"),
    ("high_tech_certificate", "高新技术企业证书", "high-tech enterprise certificate"),
    ("production_permit", "生产许可证", "production permit"),
    ("recognition", "认定文件或证书", "recognition"),
    ("recognition_list", "认定名单", "list of recognised firms"),
    ("audit_report", "专项审计报告", "audit report"),
    ("bank_receipt", "银行回单", "bank receipt"),
    ("bank_acceptance", "承兑汇票", "bank acceptance"),
    ("cloud_bill", "云服务账单", "cloud bill"),
    ("cloud_contract", "云服务合同", "cloud contract"),
    ("nontax_receipt", "非税收入票据", "non-tax receipt"),
    ("foreign_invoice", "境外发票", "foreign invoice"),
    ("receipt", "收据", "receipt"),
    ("acceptance_report", "验收报告", "acceptance report"),
    ("commitment", "承诺书", "letter of commitment"),
    ("screenshot", "截图", "screenshot"),
    ("iiims_assessment", "两化融合评定结果", "result of an integration management assessment"),
    ("credit_report", "信用报告", "credit report"),
    ("customs_duty", "海关进口增值税专用缴款书", "customs receipt for import tax"),
    ("other", "未识别的材料", "not recognised"),
];

/// Who says what a part of a case comes to, in the order in which they are shown.
pub(super) const SOURCES: &[Row] = &[
    ("declared", "申报", "declared"),
    ("audited", "审计", "audited"),
    ("scheduled", "审计明细", "audit's lines"),
    ("invoiced", "认可发票", "accepted invoices"),
    ("payments", "申报付款", "declared payments"),
    ("paid", "付款凭证", "paid"),
];

/// A source of sums in words.
pub(super) fn source(name: &str, lang: Lang) -> String {
    find(SOURCES, name, lang).unwrap_or(name).to_owned()
}

/// A part of a case in words: a cost category, or a service by its own name.
pub(super) fn part(name: &str, lang: Lang) -> String {
    const PARTS: &[Row] = &[
        ("development", "平台和系统开发费", "platform and system development"),
        ("equipment", "智能设备（终端）购置费", "smart equipment"),
        ("testing_consulting", "测试验证和项目咨询费", "testing and consulting"),
        ("other", "其他", "other"),
        ("unlisted", "未归类的发票", "invoices of no category"),
        ("total", "合计", "total"),
    ];
    find(PARTS, name, lang).unwrap_or(name).to_owned()
}

/// Where was looked for what is absent, in words; empty where nothing is.
pub(super) fn searched(files: &[String], lang: Lang) -> String {
    let count = files.iter().filter(|file| *file != "declaration").count();
    match (files.is_empty(), count, lang) {
        (true, ..) => String::new(),
        (false, 0, Lang::Zh) => "已查找：申报书".to_owned(),
        (false, 0, Lang::En) => "looked in the declaration".to_owned(),
        (false, _, Lang::Zh) => format!("已查找：申报书和全部 {count} 个文件"),
        (false, _, Lang::En) => format!("looked in the declaration and all {count} files"),
    }
}

/// Which explanations of a difference an item is part of, in words; empty for none.
pub(super) fn alternatives(of: &[u32], lang: Lang) -> String {
    let numbers: Vec<String> = of.iter().map(u32::to_string).collect();
    match (numbers.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("可解释差额（解释{}）", numbers.join("、")),
        (false, Lang::En) => format!("explains the difference (explanation {})", numbers.join(", ")),
    }
}

const EXPLANATIONS: &[Row] = &[
    ("doubled_item", "重复计入的条目", "counted twice"),
    ("in_sequence", "同一销售方号码相连或相近的发票", "one of a seller's numbers in a row"),
    ("issued_late", "通知印发之后开具的发票", "issued after the notice"),
    ("missing_item", "没有提交发票的审计条目", "audited item without its invoice"),
    ("red_letter", "红字发票冲减", "reversed by a red-letter invoice"),
    ("tax", "税额（含税与不含税口径）", "tax (gross or net)"),
    ("outside_period", "不在起止期间内", "outside the period"),
    ("not_cash", "非现金支付（代金券、赠金等）", "not paid in cash (vouchers, credits)"),
    ("not_audited", "已申报、审计报告未列的发票", "declared invoice the audit does not list"),
    ("not_declared", "审计报告列有、未申报的发票", "audited invoice that was not declared"),
    ("short_service", "连续使用不足的云服务", "service used too briefly"),
    ("wrong_payer", "付款人不是申报单位", "the payer is not the applicant"),
    ("unpaid", "未付款", "unpaid"),
    ("rounding", "四舍五入", "rounding"),
    ("unit", "单位换算", "unit"),
    ("used_elsewhere", "也用于其他申报", "used in another application, too"),
    ("wrong_buyer", "购买方不是申报单位", "the buyer is not the applicant"),
    ("refund", "退款", "paid back"),
    ("amount_differs", "同一发票金额不同", "one invoice with another amount"),
    ("category_differs", "分类金额不同", "another amount of a category"),
    ("digits_swapped", "相邻两位数字颠倒", "two neighbouring digits changed places"),
    ("no_receipt", "没有回单的申报付款", "declared payment without a receipt"),
    ("parts_differ", "申报的合计与其各项之和不同", "a declared total that is not the sum of its parts"),
    ("tax_basis", "含税与不含税口径不同", "with tax and without"),
    ("unit_slip", "单位（元、千元、万元）填错", "a wrong unit"),
    ("related_seller", "可能有关联的销售方开具的发票", "issued by a seller that may be related"),
];

const FIELDS: &[Row] = &[
    ("invoice_kind", "发票种类", "invoice kind"),
    ("invoice_code", "发票代码", "invoice code"),
    ("invoice_number", "发票号码", "invoice number"),
    ("issued_on", "开具（签发）日期", "issued on"),
    ("check_code", "校验码", "check code"),
    ("machine_number", "机器编号", "machine number"),
    ("buyer_name", "购买方名称", "buyer"),
    ("buyer_tax_id", "购买方税号", "buyer's tax id"),
    ("seller_name", "销售方名称", "seller"),
    ("seller_tax_id", "销售方税号", "seller's tax id"),
    ("period", "账期", "billing period"),
    ("seq", "序号", "number in list"),
    ("audited_total", "审计总额", "audited total"),
    ("accepted_invoices_net", "认可发票（不含税）", "accepted invoices, net"),
    ("accepted_invoices_gross", "认可发票（价税合计）", "accepted invoices, gross"),
    ("declared_investment", "申报总投入", "declared investment"),
    ("paid_for_cloud", "云服务实付（凭证）", "paid for cloud services"),
    ("declared_cloud_payments", "云服务实付（申报）", "declared cloud payments"),
    ("net", "不含税金额", "net"),
    ("tax", "税额", "tax"),
    ("gross", "价税合计", "gross"),
    ("gross_in_words", "价税合计（大写）", "gross in words"),
    ("cpa_count", "签字注册会计师", "signing accountants"),
    ("red_letter", "红字", "red letter"),
    ("blue_invoice_number", "对应蓝字发票号码", "blue invoice number"),
    ("remark", "备注", "remark"),
    ("name", "名称", "name"),
    ("specification", "规格型号", "specification"),
    ("unit", "单位", "unit"),
    ("quantity", "数量", "quantity"),
    ("unit_price", "单价", "unit price"),
    ("amount", "金额", "amount"),
    ("tax_rate", "税率", "tax rate"),
    ("uscc", "统一社会信用代码", "credit code"),
    ("entity_type", "类型", "entity type"),
    ("legal_representative", "法定代表人", "legal representative"),
    ("registered_capital", "注册资本", "registered capital"),
    ("established_on", "成立日期", "established on"),
    ("valid_from", "有效期自", "valid from"),
    ("valid_until", "有效期至", "valid until"),
    ("business_term", "营业期限", "business term"),
    ("domicile", "住所", "domicile"),
    ("registration_authority", "登记机关", "registration authority"),
    ("certificate_number", "证书编号", "certificate number"),
    ("holder", "持证单位", "holder"),
    ("standard", "依据标准", "standard"),
    ("scope", "范围", "scope"),
    ("grade", "等级", "grade"),
    ("issuer", "发证机构", "issuer"),
    ("renewed_on", "换证日期", "renewed on"),
    ("title", "标题", "title"),
    ("level", "等级", "level"),
    ("year", "年度", "year"),
    ("report_number", "报告号", "report number"),
    ("auditor", "会计师事务所", "auditor"),
    ("auditee", "被审计单位", "auditee"),
    ("reported_on", "报告日期", "reported on"),
    ("period_start", "期间起", "period start"),
    ("period_end", "期间止", "period end"),
    ("opinion", "审计意见", "opinion"),
    ("tax_basis", "含税口径", "tax basis"),
    ("total", "合计", "total"),
    ("total_in_words", "合计（大写）", "total in words"),
    ("development", "平台系统开发", "development"),
    ("equipment", "智能装备及终端", "equipment"),
    ("testing_consulting", "检测咨询", "testing and consulting"),
    ("other", "其他", "other"),
    ("supplier", "供应商", "supplier"),
    ("contract_number", "合同编号", "contract number"),
    ("invoiced_on", "开票日期", "invoiced on"),
    ("paid", "已付金额", "paid"),
    ("category", "类别", "category"),
    ("receipt_number", "回单编号", "receipt number"),
    ("receipt_code", "票据代码", "receipt code"),
    ("paid_on", "交易日期", "paid on"),
    ("payer_name", "付款人", "payer"),
    ("payer_account", "付款账号", "payer's account"),
    ("payee_name", "收款人", "payee"),
    ("payee_account", "收款账号", "payee's account"),
    ("amount_in_words", "金额（大写）", "amount in words"),
    ("currency", "币种", "currency"),
    ("purpose", "用途", "purpose"),
    ("draft_number", "票据号码", "draft number"),
    ("due_on", "到期日", "due on"),
    ("accepted_on", "承兑（验收）日期", "accepted on"),
    ("acceptor", "承兑人", "acceptor"),
    ("provider", "云服务商", "provider"),
    ("account", "账号", "account"),
    ("billing_from", "账期自", "billing from"),
    ("billing_to", "账期至", "billing to"),
    ("cash_paid", "现金支付", "cash paid"),
    ("service", "服务", "service"),
    ("start", "开始时间", "start"),
    ("end", "结束时间", "end"),
    ("payable", "应付金额", "payable"),
    ("voucher", "代金券", "voucher"),
    ("refund", "退款", "refund"),
    ("usage_type", "使用类型", "usage type"),
    ("document_number", "文号", "document number"),
    ("place", "所在地", "place"),
    ("starts_on", "开始日期", "starts on"),
    ("ends_on", "结束日期", "ends on"),
    ("signed_on", "签订日期", "signed on"),
    ("services", "服务内容", "services"),
    ("dated_on", "日期", "dated on"),
    ("platform_system_development", "平台系统开发", "platform and system development"),
    ("smart_equipment_terminals", "智能装备及终端", "smart equipment and terminals"),
    ("former_names", "曾用名", "former name"),
    ("submitted_on", "申报日期", "submitted on"),
    ("status", "项目状态", "status of the project"),
    ("completed_on", "建成日期", "completed on"),
    ("covers_from", "名单覆盖自", "list covers from"),
    ("covers_to", "名单覆盖至", "list covers to"),
    ("city", "设区市", "city"),
    ("county", "县（市、区）", "county"),
    ("number", "号码", "number"),
    ("code", "代码", "code"),
    ("seller", "销售方", "seller"),
    ("item", "项目", "item"),
    ("total_paid", "已付合计", "total paid"),
    ("amount_paid", "已付金额", "amount paid"),
    ("level_applied", "申报星级", "level applied for"),
    ("level_held", "已获星级", "level held"),
    ("report_no", "报告号", "report number"),
    ("firm", "会计师事务所", "auditor"),
    ("invoices_gross", "发票价税合计", "invoices, gross"),
    ("invoices_net", "发票不含税合计", "invoices, net"),
    ("receipts", "回单合计", "receipts"),
    ("investment", "项目投入", "investment"),
    ("signature", "电子签名", "signature"),
];
