"""What anyone would write in an afternoon: the text of a page, or what RapidOCR reads in its picture, and a
table of regular expressions. `scripts/benchmark.py --engine baseline` measures it."""

import csv
import io
import pathlib
import re
import unicodedata

DAY = r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})"
MONEY = r"[¥￥]?\s*(-?[\d,]+\.\d{2})"
NAME = r"([\u4e00-\u9fff()]{4,}(?:公司|厅|局|院|银行\S*|事务所(?:\(.{2,6}\))?))"
CODE = r"([0-9A-Z]{15,20})"

# How to tell a type: the first whose words all stand in the text.
TYPES = [
    ("iiims_certificate", ["两化融合管理体系", "证书"]),
    ("high_tech_certificate", ["高新技术企业证书"]),
    ("management_certificate", ["管理体系", "认证"]),
    ("management_certificate", ["CERTIFICATE", "management system"]),
    ("production_permit", ["生产许可证"]),
    ("business_licence", ["营业执照"]),
    ("audit_report", ["审计报告"]),
    ("bank_acceptance", ["承兑汇票"]),
    ("bank_receipt", ["回单"]),
    ("nontax_receipt", ["非税收入"]),
    ("vat_invoice", ["发票", "价税合计"]),
    ("cloud_contract", ["云", "合同"]),
    ("commitment", ["承诺书"]),
    ("acceptance_report", ["验收"]),
    ("recognition", ["星级上云企业"]),
    ("screenshot", ["控制台"]),
    ("receipt", ["Cash"]),
    ("foreign_invoice", ["INVOICE"]),
    ("foreign_invoice", ["RECHNUNG"]),
    ("foreign_invoice", ["FACTURE"]),
]

# For each type and field the first expression that is found counts.
FIELDS = {
    "vat_invoice": {
        "invoice_code": [r"发票代码:?\s*(\d{12}|\d{10})(?!\d)"],
        "invoice_number": [r"发票号码:?\s*(\d{20}|\d{8})(?!\d)", r"№\s*(\d{8})"],
        "issued_on": [r"开票日期:?\s*" + DAY],
        "check_code": [r"校\s*验\s*码:?\s*((?:\d{5}\s*){4})"],
        "machine_number": [r"机器编号:?\s*(\d{12})"],
        "buyer_name": [r"名\s*称:?\s*" + NAME],
        "buyer_tax_id": [r"识别号:?\s*" + CODE],
        "net": [r"合\s*计\s*" + MONEY],
        "tax": [r"合\s*计\s*[¥￥]?\s*-?[\d,]+\.\d{2}\s*" + MONEY],
        "gross": [r"\(?小写\)?\s*" + MONEY],
        "gross_in_words": [r"大写\)?\s*[⊗x]?\s*((?:\(负数\))?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿圆元角分整]+)"],
    },
    "business_licence": {
        "uscc": [r"信用代码:?\s*" + CODE],
        "name": [r"名\s*称\s*" + NAME],
        "legal_representative": [r"(?:法\s*定\s*代\s*表\s*人|负\s*责\s*人)\s*([\u4e00-\u9fff]{2,4})"],
        "established_on": [r"成\s*立\s*日\s*期\s*" + DAY],
        "registered_capital": [r"注\s*册\s*资\s*本\s*(\S+)"],
        "domicile": [r"(?:住\s*所|营业场所)\s*(\S+)"],
    },
    "iiims_certificate": {
        "certificate_number": [r"证书编号:?\s*(\S+)"],
        "holder": [r"兹\s*证\s*明\s*" + NAME, r"获证组织\s*" + NAME],
        "uscc": [r"信用代码:?\s*" + CODE],
        "issued_on": [r"(?:颁证|发证)日期:?\s*" + DAY],
        "valid_until": [r"有效期至:?\s*" + DAY, r"至\s*" + DAY],
    },
    "audit_report": {
        "report_number": [r"(\S{2,8}字\s*[〔\[(]\d{4}[〕\])]\s*第?\s*\d+\s*号)"],
        "auditor": [r"(\S+会计师事务所(?:\(.{2,6}\)|有限公司))"],
        "total": [r"人民币\s*" + MONEY + r"\s*元", r"合计\s*" + MONEY],
        "period_start": [r"自\s*" + DAY],
        "period_end": [r"至\s*" + DAY],
    },
    "bank_receipt": {
        "receipt_number": [r"回单(?:编号|号码):?\s*(\d+)"],
        "paid_on": [r"(?:交易日期|记账日期|日期|交易时间):?\s*" + DAY, r"日期:?\s*(\d{4})(\d{2})(\d{2})"],
        "amount": [r"(?:小写|金\s*额)\)?:?\s*(?:CNY)?\s*" + MONEY],
        "amount_in_words": [r"大写\)?:?\s*(?:人民币)?([零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+)"],
        "payer_name": [r"付款\S{0,6}(?:户名|名称|人)?:?\s*" + NAME],
        "payee_name": [r"收款\S{0,6}(?:户名|名称|人)?:?\s*" + NAME],
    },
    "recognition": {
        "certificate_number": [r"证书编号:?\s*(\S+)"],
        "holder": [NAME],
        "title": [r"([三四五]星级上云企业)"],
        "issued_on": [DAY],
        "year": [r"(\d{4})年度"],
    },
    "bank_acceptance": {
        "draft_number": [r"(\d{30})"],
        "issued_on": [r"出票日期\s*" + DAY],
        "due_on": [r"到期日期?\s*" + DAY],
        "amount": [r"[¥￥]\s*([\d,]+\.\d{2})"],
    },
    "nontax_receipt": {
        "receipt_code": [r"票据代码:?\s*(\d+)"],
        "receipt_number": [r"票据号码:?\s*(\d+)"],
        "issued_on": [r"开票日期:?\s*" + DAY],
        "payer_name": [r"交款人:\s*" + NAME],
        "gross": [r"小写\)?:?\s*" + MONEY],
    },
    "cloud_contract": {
        "contract_number": [r"(?:合同|订单)编号:?\s*(\S+)"],
        "buyer_name": [r"甲方:?\s*" + NAME],
        "seller_name": [r"乙方:?\s*" + NAME],
        "amount": [r"人民币\s*" + MONEY, r"合同金额\s*" + MONEY],
        "signed_on": [r"(?:签订|签署)日期:?\s*" + DAY],
    },
}
DATED = {"title": [r"^\s*(\S{3,20}(?:承诺书|报告|验收单|控制台))"], "dated_on": [DAY]}
NUMBERED = {
    "certificate_number": [r"(?:证书编号|许可证编号|注册号|Certificate Number):?\s*(\S+)"],
    "holder": [r"(?:企业名称|生产者名称|组织名称|兹证明):?\s*" + NAME],
    "issued_on": [r"(?:发证|颁证|颁发)(?:日期|时间):?\s*" + DAY],
    "valid_until": [r"有效期至:?\s*" + DAY],
}
ABROAD = {
    "invoice_number": [r"(?i)(?:invoice no:?|invoice number|rechnungsnummer:?|facture n° ?:?)\s*(\d+)"],
    "gross": [r"(?i)(?:total|amount due|gesamtbetrag|total ttc)\s*[$€£]?\s*([\d,]+\.\d{2})"],
}
FIELDS |= {kind: DATED for kind in ("commitment", "acceptance_report", "screenshot")}
FIELDS |= {kind: NUMBERED for kind in ("management_certificate", "high_tech_certificate", "production_permit")}
FIELDS |= {kind: ABROAD for kind in ("foreign_invoice", "receipt")}

_engine = None


def recognised(picture):
    global _engine
    if _engine is None:
        from rapidocr import RapidOCR

        _engine = RapidOCR(params={"Global.log_level": "error"})
    return "\n".join(_engine(picture).txts or ())


def pages(file):
    """The texts of a file's pages."""
    if file.suffix == ".csv":
        return [file.read_bytes().decode("gbk", "replace")]
    if file.suffix == ".xlsx":
        import openpyxl

        sheets = openpyxl.load_workbook(file, data_only=True).worksheets
        rows = [[str(cell or "") for cell in row] for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return [text.getvalue()]
    if file.suffix != ".pdf" and file.suffix != ".tif":
        return [recognised(str(file))]
    import pymupdf

    texts = []
    for page in pymupdf.open(file):
        text = page.get_text()
        texts.append(text if text.strip() else recognised(page.get_pixmap(dpi=200).tobytes("png")))
    return texts


def value(field, found):
    if len(found.groups()) == 3:
        year, month, day = map(int, found.groups())
        return f"{year:04}-{month:02}-{day:02}"
    return found.group(1).replace(",", "") if field in ("net", "tax", "gross", "amount", "total") else found.group(1)


def understood(text, first, last):
    text = unicodedata.normalize("NFKC", text)
    kind = next((kind for kind, words in TYPES if all(word.casefold() in text.casefold() for word in words)), "other")
    fields = {}
    for field, expressions in FIELDS.get(kind, {}).items():
        found = next((found for one in expressions if (found := re.search(one, text, re.MULTILINE))), None)
        if found:
            # It knows no doubt.
            fields[field] = {"value": value(field, found), "accepted": True}
    return {"document_type": kind, "pages": [first, last], "fields": fields}


def read(file):
    """The documents of a file: one for each page of invoices, else one for the whole file."""
    texts = pages(pathlib.Path(file))
    each = [understood(text, place, place) for place, text in enumerate(texts, 1)]
    if len(each) > 1 and all(one["document_type"] == "vat_invoice" and "invoice_number" in one["fields"] for one in each):
        return each
    return [understood("\n".join(texts), 1, len(texts))]
