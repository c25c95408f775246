#!/usr/bin/env python3
"""Draws the PDF files under fixtures/formats/pdf: fonts whose tables are right, missing and wrong, and
encrypted files. Needs fontTools (`pip install fonttools`), qpdf and Debian's fonts-arphic-uming; the
subset changes with their versions, so a new run need not give the same bytes.
"""

import pathlib
import subprocess
import tempfile
import zlib

from fontTools import subset
from fontTools.ttLib import TTFont

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures/formats/pdf"
FONT = "/usr/share/fonts/truetype/arphic/uming.ttc"
DROPPED = "vhea vmtx VORG EPAR BASE GPOS GSUB GDEF EBDT EBLC EBSC bdat bloc mort feat BDF FFTM".split()
PAGE = "/MediaBox[0 0 400 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"


def font_with(text):
    font = TTFont(FONT, fontNumber=0)
    options = subset.Options(hinting=False, name_IDs=[], layout_features=[], notdef_outline=True)
    options.drop_tables += DROPPED
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    return font


def pdf(objects, trailer=""):
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        if isinstance(body, tuple):
            more, data = body
            data = zlib.compress(data, 9)
            body = f"<</Filter/FlateDecode/Length {len(data)}{more}>>stream\n".encode() + data + b"\nendstream"
        else:
            body = body.encode()
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def draw(name, lines, said=None, own_table=True):
    """A page of `lines` (x, y, size, text); `said` is what the file says a character is."""
    text = "".join(line[3] for line in lines)
    font = font_with(text)
    names, order = font.getBestCmap(), font.getGlyphOrder()
    glyphs = {character: order.index(names[ord(character)]) for character in sorted(set(text))}
    widths = " ".join(
        f"{glyph} [{round(font['hmtx'][order[glyph]][0] * 1000 / font['head'].unitsPerEm)}]"
        for glyph in sorted(glyphs.values())
    )
    if not own_table:
        del font["cmap"]
    with tempfile.NamedTemporaryFile(suffix=".ttf") as file:
        font.save(file.name)
        program = pathlib.Path(file.name).read_bytes()
    content = "BT\n" + "".join(
        f"/F {size} Tf 1 0 0 1 {x} {y} Tm <{''.join(f'{glyphs[c]:04X}' for c in text)}> Tj\n"
        for x, y, size, text in lines
    ) + "ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R{PAGE}>>",
        ("", content.encode()),
        "<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Drawn/Encoding/Identity-H/DescendantFonts[6 0 R]"
        + ("/ToUnicode 9 0 R" if said else "") + ">>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Drawn/CIDToGIDMap/Identity/FontDescriptor 7 0 R"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/W[{widths}]>>",
        "<</Type/FontDescriptor/FontName/AAAAAA+Drawn/Flags 4/FontBBox[0 -140 1000 860]/ItalicAngle 0"
        "/Ascent 860/Descent -140/CapHeight 700/StemV 80/FontFile2 8 0 R>>",
        (f"/Length1 {len(program)}", program),
    ]
    if said:
        rows = "".join(f"<{glyph:04X}> <{ord(said(c)):04X}>\n" for c, glyph in sorted(glyphs.items(), key=lambda g: g[1]))
        objects.append(("", (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
            "1 begincodespacerange <0000> <FFFF> endcodespacerange "
            f"{len(glyphs)} beginbfchar\n{rows}endbfchar endcmap end end"
        ).encode()))
    (OUT / name).write_bytes(pdf(objects))


def is_ideograph(character):
    return "\u4e00" <= character <= "\u9fff"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    receipt = [
        (40, 250, 14, "收款收据"), (40, 220, 12, "付款单位：星河测试有限公司"), (40, 190, 12, "合计金额："),
        (110, 190, 12, "3847.25"), (40, 160, 12, "开票日期："), (110, 160, 12, "2023年6月15日"),
    ]
    labels = {}
    as_ascii = lambda c: labels.setdefault(c, chr(0x21 + len(labels) % 90)) if is_ideograph(c) else c
    draw("tounicode-right.pdf", receipt, lambda c: c)
    draw("tounicode-missing.pdf", receipt)
    draw("tounicode-digits-shifted.pdf", receipt, lambda c: str((int(c) + 3) % 10) if c.isdigit() else c)
    draw("tounicode-ideographs-as-ascii.pdf", receipt, as_ascii, own_table=False)
    text = "本公司承诺所提交的材料真实有效如有不实愿意承担相应的法律责任并退回全部资金"
    page = [(40, 260 - 24 * row, 14, text[row * 9 : row * 9 + 9]) for row in range(5)]
    page.append((40, 130, 14, "申报单位负责人签字日期与盖章"))
    draw("tounicode-page-shifted.pdf", page, lambda c: chr(ord(c) + 0x321) if is_ideograph(c) else c, own_table=False)

    plain = pdf([
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R{PAGE}>>",
        ("", b"BT /F 20 Tf 1 0 0 1 100 100 Tm (Total 3847.25) Tj ET"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ], "/Info<</Producer(drawn)>>/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]")
    kinds = {
        "rc4-40": ["", "owner", "40"],
        "rc4-128": ["", "owner", "128", "--use-aes=n"],
        "aes-128": ["", "owner", "128", "--use-aes=y"],
        "aes-256-r5": ["", "owner", "256", "--force-R5"],
        "aes-256-r6": ["", "owner", "256"],
        "with-a-password": ["secret", "owner", "256"],
    }
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        pathlib.Path(file.name).write_bytes(plain)
        for kind, how in kinds.items():
            subprocess.run(
                ["qpdf", "--static-id", "--static-aes-iv", "--allow-weak-crypto", "--object-streams=disable",
                 file.name, "--encrypt", *how, "--", OUT / f"encrypted-{kind}.pdf"],
                check=True,
            )


if __name__ == "__main__":
    main()
