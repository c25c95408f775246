#!/usr/bin/env python3
"""Fills in a worksheet with an office program and has heyan read it back.

    scripts/check_worksheets.py HEYAN CASE [--format xlsx --format xls --format ods]

The sample of CASE is drawn, LibreOffice (`soffice` on the path) opens its worksheet, every drawn item is booked as
it stands but the second, which is booked for 120,000 yuan less, and LibreOffice saves it in each format. Prints what
`heyan sample --evaluate` says of each, and ends with 1 where the overstatement found is another.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CELL = re.compile(r"<table:(?:covered-)?table-cell\b(?:[^>]*/>|.*?</table:(?:covered-)?table-cell>)", re.S)
ROW = re.compile(r"<table:table-row.*?</table:table-row>", re.S)
REPEATED = re.compile(r' table:number-columns-repeated="(\d+)"')
LESS = 120_000
BOOKED, AUDITED = 4, 8


def converted(file: Path, to: str) -> Path:
    subprocess.run(
        ["soffice", "--headless", "--convert-to", to, "--outdir", file.parent, file], check=True, capture_output=True
    )
    return file.with_suffix(f".{to}")


def cells_of(row: str) -> list[str]:
    cells = []
    for cell in CELL.findall(row):
        times = REPEATED.search(cell)
        cells += [REPEATED.sub("", cell)] * (min(int(times[1]), 50) if times else 1)
    return cells


def filled(text: str) -> str:
    """The sheet of the sample with an answer for every item."""
    begin = text.index('<table:table table:name="样本 Sample"')
    end = text.index("</table:table>", begin)
    sheet, number = text[begin:end], 0
    for row in ROW.findall(sheet):
        cells = cells_of(row)
        first = re.sub(r"<[^>]+>", "", cells[0]).strip() if cells else ""
        if not first.isdigit() or len(cells) <= AUDITED:
            continue
        number += 1
        booked = re.search(r'office:value="([\d.]+)"', cells[BOOKED])
        amount = float(booked[1]) - (LESS if number == 2 else 0)
        style = re.search(r' table:style-name="[^"]+"', cells[AUDITED])
        cells[AUDITED] = (
            f'<table:table-cell{style[0] if style else ""} office:value-type="float" office:value="{amount}">'
            f"<text:p>{amount:.2f}</text:p></table:table-cell>"
        )
        sheet = sheet.replace(row, re.match(r"<table:table-row[^>]*>", row)[0] + "".join(cells) + "</table:table-row>", 1)
    if number < 2:
        sys.exit(f"{number} items were drawn, two are needed")
    return text[:begin] + sheet + text[end:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heyan", type=Path)
    parser.add_argument("case", type=Path)
    parser.add_argument("--format", action="append", choices=["xlsx", "xls", "ods"])
    asked = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "drawn.xlsx"
        draw = [asked.heyan, "sample", asked.case, "--seed", "20230301", "--tolerable", "15000000", "--out", sheet]
        subprocess.run(draw, check=True, capture_output=True)
        answered = Path(folder) / "answered.fods"
        answered.write_text(filled(converted(sheet, "fods").read_text()))
        for form in asked.format or ["xlsx", "xls", "ods"]:
            read = [asked.heyan, "sample", "--evaluate", converted(answered, form), "--lang", "en"]
            said = subprocess.run(read, capture_output=True, text=True)
            print(f"{form}: {said.stdout}{said.stderr}")
            wrong += f"overstatement found (yuan): {LESS}.00" not in said.stdout
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
