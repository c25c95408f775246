#!/usr/bin/env python3
"""Writes the Word, workbook and e-mail fixtures under fixtures/formats, part by part and without any
library, so that the same bytes come out everywhere.
"""

import base64
import pathlib
import struct
import zipfile

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures/formats"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ROWS = [("名称", "数量", "金额"), ("云服务器", 2, 1200.5), ("对象存储", 1, 99.25), ("合计", 3, 1299.75)]


def write(name, data):
    path = OUT / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def package(name, files, stored=()):
    path = OUT / name
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in files:
            how = zipfile.ZIP_STORED if part in stored else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(part, (2023, 1, 1, 0, 0, 0))
            info.create_system = 0
            archive.writestr(info, data, how, 9)


def relations(*targets):
    inside = "".join(f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(targets, 1))
    return f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def types(overrides={}):
    inside = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in overrides.items())
    return f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>{inside}</Types>'


def docx():
    run = lambda text, more="": f"<w:r>{more}<w:t>{text}</w:t></w:r>"
    line = lambda *runs: f"<w:p>{''.join(runs)}</w:p>"
    cell = lambda text: f"<w:tc>{line(run(text))}</w:tc>"
    rows = "".join(f"<w:tr>{''.join(cell(str(value)) for value in row)}</w:tr>" for row in ROWS)
    hidden = run("看不见的字", "<w:rPr><w:vanish/></w:rPr>")
    body = line(run("项目申报书")) + line(run("企业名称：星河测试有限公司"), hidden) + f"<w:tbl>{rows}</w:tbl>"
    body += line("<w:del><w:r><w:delText>删去的字</w:delText></w:r></w:del>", run("申报日期：2023年3月1日"))
    section = '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr>'
    spaces = f'xmlns:w="{WORDS}" xmlns:r="{OFFICE}"'
    package("docx/table-header-and-hidden-text.docx", [
        ("[Content_Types].xml", types()),
        ("_rels/.rels", relations(("officeDocument", "word/document.xml"))),
        ("word/_rels/document.xml.rels", relations(("header", "header1.xml"))),
        ("word/document.xml", f"<w:document {spaces}><w:body>{body}{section}</w:body></w:document>"),
        ("word/header1.xml", f"<w:hdr {spaces}>{line(run('页眉'))}</w:hdr>"),
    ])


def place(row, column):
    return f"{'ABC'[column]}{row + 1}"


def xlsx():
    def cell(row, column, value):
        if isinstance(value, str):
            return f'<c r="{place(row, column)}" t="inlineStr"><is><t>{value}</t></is></c>'
        sum_of = f"<f>SUM({'ABC'[column]}2:{'ABC'[column]}3)</f>" if row == 3 else ""
        return f'<c r="{place(row, column)}">{sum_of}<v>{value}</v></c>'

    hide = {2: ' hidden="1"'}
    rows = "".join(
        f'<row r="{at + 1}"{hide.get(at, "")}>{"".join(cell(at, column, value) for column, value in enumerate(row))}</row>'
        for at, row in enumerate(ROWS)
    )
    sheet = f'<worksheet xmlns="{SHEETS}"><sheetData>{rows}</sheetData><mergeCells count="1"><mergeCell ref="A5:C5"/></mergeCells></worksheet>'
    book = f'<workbook xmlns="{SHEETS}" xmlns:r="{OFFICE}"><sheets><sheet name="账单" sheetId="1" r:id="r1"/></sheets></workbook>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    package("xlsx/sums-and-a-hidden-row.xlsx", [
        ("[Content_Types].xml", types({"xl/workbook.xml": f"{kind}.sheet.main+xml"})),
        ("_rels/.rels", relations(("officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels", relations(("worksheet", "worksheets/sheet1.xml"))),
        ("xl/workbook.xml", book),
        ("xl/worksheets/sheet1.xml", sheet),
    ])


def record(kind, data=b""):
    number = struct.pack("B", kind) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + struct.pack("B", len(data)) + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb():
    shared = [value for row in ROWS for value in row if isinstance(value, str)]

    def cell(column, value):
        head = struct.pack("<II", column, 0)
        if isinstance(value, str):
            return record(7, head + struct.pack("<I", shared.index(value)))
        return record(5, head + struct.pack("<d", value))

    rows = b"".join(
        record(0, struct.pack("<II5B", at, 0, 0x2C, 1, 0, 0, 0)) + b"".join(cell(column, value) for column, value in enumerate(row))
        for at, row in enumerate(ROWS)
    )
    sheet = record(129) + record(148, struct.pack("<4I", 0, 3, 0, 2)) + record(145) + rows + record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("账单")) + record(144) + record(132)
    strings = record(159, struct.pack("<II", len(shared), len(shared))) + b"".join(record(19, b"\0" + wide(text)) for text in shared) + record(160)
    package("xlsb/plain.xlsb", [
        ("[Content_Types].xml", types()),
        ("_rels/.rels", relations(("officeDocument", "xl/workbook.bin"))),
        ("xl/_rels/workbook.bin.rels", relations(("worksheet", "worksheets/sheet1.bin"), ("sharedStrings", "sharedStrings.bin"))),
        ("xl/workbook.bin", book),
        ("xl/worksheets/sheet1.bin", sheet),
        ("xl/sharedStrings.bin", strings),
    ])


def ods():
    names = "office:1.0 table:1.0 text:1.0".split()
    spaces = " ".join(f'xmlns:{name.split(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{name}"' for name in names)

    def cell(value):
        kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in ROWS)
    hidden = '<table:table-row table:visibility="collapse"><table:table-cell office:value-type="string"><text:p>藏起的行</text:p></table:table-cell></table:table-row>'
    body = f'<office:body><office:spreadsheet><table:table table:name="账单">{rows}{hidden}</table:table></office:spreadsheet></office:body>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    package("ods/a-hidden-row.ods", [
        ("mimetype", kind),
        ("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'),
        ("content.xml", f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">{body}</office:document-content>'),
    ], stored=("mimetype",))


def texts():
    def cell(value):
        return f'<Cell><Data ss:Type="{"String" if isinstance(value, str) else "Number"}">{value}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in ROWS)
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    write("xls/of-excel-2003.xls", f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="账单"><Table>{rows}</Table></Worksheet></Workbook>'.encode())
    rows = "".join(f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in ROWS)
    write("xls/table-of-a-web-page.xls", f'<html><head><meta charset="gbk"></head><body><table>{rows}</table><p style="display:none">藏起的字</p></body></html>'.encode("gbk"))
    lines = "".join("\t".join(map(str, row)) + "\r\n" for row in ROWS)
    write("csv/in-utf-16.csv", b"\xff\xfe" + lines.encode("utf-16-le"))
    return lines.replace("\t", ",").encode("gbk")


def eml(table):
    packed = base64.encodebytes(table).decode()
    subject = base64.b64encode("账单".encode()).decode()
    mail = f"""From: clerk@example.com
To: office@example.com
Date: Wed, 1 Mar 2023 09:00:00 +0800
Subject: =?utf-8?B?{subject}?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=part

--part
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

附件为账单，请查收。
--part
Content-Type: text/csv; name="bill.csv"
Content-Disposition: attachment; filename="bill.csv"
Content-Transfer-Encoding: base64

{packed}--part
Content-Type: message/rfc822

From: cloud@example.com
To: clerk@example.com
Subject: notice
Date: Tue, 28 Feb 2023 09:00:00 +0800

The bill of February is ready.
--part--
"""
    write("eml/a-table-and-a-mail.eml", mail.replace("\n", "\r\n").encode())


if __name__ == "__main__":
    docx()
    xlsx()
    xlsb()
    ods()
    eml(texts())
