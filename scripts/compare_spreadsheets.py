#!/usr/bin/env python3
"""Compares what heyan reads from workbooks, cell by cell, with openpyxl, xlrd, pyxlsb and odfpy.

    scripts/compare_spreadsheets.py [--heyan BINARY] [FILE or FOLDER ...]

Without files it takes fixtures/formats and, where it is there, ../shared/corpus. The other readers are
installed from PyPI into a virtual environment. Cells are equal where their numbers agree to 15
significant digits, which is what spreadsheet programs keep, and their texts agree without the blanks,
apostrophes and =\"...\" round them that only tell a program to leave them alone. Exit code 1 if any differ.
"""
import argparse
import datetime
import decimal
import json
import os
import pathlib
import re
import subprocess
import sys

import other_readers

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENDINGS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods"}
BLANKS = "\ufeff\u200b"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--heyan", help="the binary; built with cargo where none is named")
    asked = parser.parse_args()
    other_readers.run_inside()
    return compare(asked.heyan or built(), asked.files)


def built():
    subprocess.run(["cargo", "build", "--quiet"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "debug" / "heyan")


def workbooks(named):
    if not named:
        named = [ROOT / "fixtures" / "formats", ROOT.parent / "shared" / "corpus"]
        if not named[1].is_dir():
            print("skipped: there is no corpus beside the project")
    for path in named:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.suffix.lower() in ENDINGS and file.is_file())


def compare(heyan, named):
    differing, cells, files, skipped = 0, 0, 0, 0
    for file in workbooks(named):
        run = subprocess.run([heyan, "show", "--format", "json", file], capture_output=True, timeout=600)
        try:
            (own,) = json.loads(run.stdout)
        except ValueError:
            print(f"{file.name}: heyan printed no JSON: {run.stderr.decode()[-300:]}")
            differing += 1
            continue
        codes = sorted({problem["code"] for problem in own["problems"]})
        try:
            reader, sheets = peer(file, own["format"])
        except Exception as error:  # Whatever the other reader says: it is not the one that is tested.
            skipped += 1
            print(f"{file.name}: not read by the other ({type(error).__name__}: {error}); heyan: {own['format']} {codes}")
            continue
        files += 1
        wrong = list(differences(own["sheets"], sheets))
        cells += sum(len(sheet["cells"]) for sheet in sheets)
        differing += len(wrong)
        state = f"{len(wrong)} differ" if wrong else "all agree"
        print(f"{file.name}: {reader}, {sum(len(sheet['cells']) for sheet in sheets)} cells, {state} {codes or ''}")
        for line in wrong[:20]:
            print(f"    {line}")
    print(f"{files} workbooks, {cells} cells, {differing} differ; {skipped} not read by the other reader")
    return 1 if differing else 0


def peer(file, kind):
    if kind == "xlsx":
        return "openpyxl", by_openpyxl(file)
    if kind == "xlsb":
        return "pyxlsb", by_pyxlsb(file)
    if kind == "xls":
        return "xlrd", by_xlrd(file)
    if kind == "ods":
        return "odfpy", by_odfpy(file)
    raise ValueError(f"heyan says it is {kind}")


def by_openpyxl(file):
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, data_only=True)
    except (TypeError, IndexError):
        # Some styles and pivot tables keep openpyxl from opening a book whose cells it can read.
        return by_openpyxl_read_only(file)
    for sheet in book.worksheets:
        cells = {}
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    cells[cell.row, cell.column] = cell.value
        columns = set()
        for one in sheet.column_dimensions.values():
            if one.hidden or (one.width == 0 and one.customWidth):
                columns.update(range(one.min or 1, (one.max or one.min or 1) + 1))
        rows = {at for at, one in sheet.row_dimensions.items() if one.hidden or one.height == 0}
        merged = {(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges}
        found = {"name": sheet.title, "cells": cells, "hidden": sheet.sheet_state != "visible"}
        found.update(rows=rows, columns=columns, merged=merged)
        SHEETS.append(found)
    return taken()


def by_openpyxl_read_only(file):
    import openpyxl

    book = openpyxl.load_workbook(file, data_only=True, read_only=True)
    for sheet in book.worksheets:
        cells = {}
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    cells[cell.row, cell.column] = cell.value
        SHEETS.append({"name": sheet.title, "cells": cells})
    return taken()


SHEETS = []


def taken():
    sheets = SHEETS.copy()
    SHEETS.clear()
    return sheets


def by_pyxlsb(file):
    import pyxlsb

    names = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
    with pyxlsb.open_workbook(str(file)) as book:
        for name in book.sheets:
            cells = {}
            with book.get_sheet(name) as sheet:
                for row in sheet.rows(sparse=True):
                    for cell in row:
                        value = cell.v
                        if isinstance(value, str) and re.fullmatch("0x[0-9a-f]+", value):
                            value = names.get(int(value, 16), value)
                        if value is not None:
                            cells[cell.r + 1, cell.c + 1] = value
            SHEETS.append({"name": name, "cells": cells})
    return taken()


def by_xlrd(file):
    import xlrd

    book = xlrd.open_workbook(file, formatting_info=True)
    for sheet in book.sheets():
        cells = {}
        for row in range(sheet.nrows):
            for column in range(sheet.ncols):
                cell = sheet.cell(row, column)
                if cell.ctype == xlrd.XL_CELL_DATE:
                    value = Serial(cell.value, xlrd.xldate_as_datetime(cell.value, book.datemode))
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    value = bool(cell.value)
                elif cell.ctype == xlrd.XL_CELL_ERROR:
                    value = xlrd.error_text_from_code.get(cell.value, "#?")
                elif cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    continue
                else:
                    value = cell.value
                cells[row + 1, column + 1] = value
        rows = {at + 1 for at, one in sheet.rowinfo_map.items() if one.hidden or one.height == 0}
        columns = {at + 1 for at, one in sheet.colinfo_map.items() if one.hidden or one.width == 0}
        merged = {(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells}
        SHEETS.append({"name": sheet.name, "cells": cells, "hidden": sheet.visibility != 0})
        SHEETS[-1].update(rows=rows, columns=columns, merged=merged)
    return taken()


class Serial:
    """A date that may also be shown as the number it is stored as."""

    def __init__(self, number, moment):
        self.number, self.moment = number, moment


CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def by_odfpy(file):
    from odf import table
    from odf.namespaces import OFFICENS, TABLENS
    from odf.opendocument import load

    def written(node):
        if node.nodeType == node.TEXT_NODE:
            return node.data
        if node.qname[1] in ("annotation", "frame", "custom-shape"):
            return ""
        if node.qname[1] == "s":
            return " " * int(node.attributes.get((node.qname[0], "c"), 1))
        if node.qname[1] == "tab":
            return "\t"
        if node.qname[1] == "line-break":
            return "\n"
        return "".join(written(child) for child in node.childNodes)

    def value(cell):
        told = lambda name, space=OFFICENS: cell.attributes.get((space, name))
        shown = "\n".join(written(p) for p in cell.childNodes if p.nodeType == p.ELEMENT_NODE and p.qname[1] == "p")
        kind = told("value-type")
        if told("value-type", CALCEXT) == "error":
            return shown
        if kind in ("float", "currency", "percentage"):
            return decimal.Decimal(told("value"))
        if kind == "date":
            return datetime.datetime.fromisoformat(told("date-value"))
        if kind == "boolean":
            return told("boolean-value") == "true"
        return shown or told("string-value") or None

    book = load(file)
    for sheet in book.spreadsheet.getElementsByType(table.Table):
        cells, merged, number = {}, set(), 0
        for row in sheet.getElementsByType(table.TableRow):
            repeated = int(row.attributes.get((TABLENS, "number-rows-repeated"), 1))
            column, found = 0, {}
            for cell in row.childNodes:
                if cell.nodeType != cell.ELEMENT_NODE or cell.qname[1] not in ("table-cell", "covered-table-cell"):
                    continue
                wide = int(cell.attributes.get((TABLENS, "number-columns-repeated"), 1))
                down = int(cell.attributes.get((TABLENS, "number-rows-spanned"), 1))
                across = int(cell.attributes.get((TABLENS, "number-columns-spanned"), 1))
                if down > 1 or across > 1:
                    merged.add((number + 1, column + 1, number + down, column + across))
                what = value(cell)
                if what is not None and what != "":
                    found.update({column + at + 1: what for at in range(wide)})
                column += wide
            if found:
                cells.update({(number + at + 1, c): v for at in range(repeated) for c, v in found.items()})
            number += repeated
        SHEETS.append({"name": sheet.attributes[TABLENS, "name"], "cells": cells, "merged": merged})
    return taken()


def differences(own, other):
    mine = {sheet["name"]: sheet for sheet in own}
    for sheet in other:
        name = sheet["name"]
        if name not in mine:
            yield f"sheet {name!r} is missing"
            continue
        ours = mine[name]
        cells = {}
        for row, line in enumerate(ours["rows"], 1):
            for column, cell in enumerate(line, 1):
                if cell["kind"] != "empty":
                    cells[row, column] = cell
        for place in sorted(sheet["cells"].keys() | cells.keys()):
            theirs, found = sheet["cells"].get(place), cells.get(place)
            if not same(found, theirs):
                yield f"{name}!R{place[0]}C{place[1]}: heyan {found}, other {theirs!r}"
        if "hidden" in sheet and sheet["hidden"] != ours["hidden"]:
            yield f"{name}: hidden {ours['hidden']}, other {sheet['hidden']}"
        height, width = len(ours["rows"]), max((len(row) for row in ours["rows"]), default=0)
        for what, key, most in (("rows", "hidden_rows", height), ("columns", "hidden_columns", width)):
            if what in sheet:
                theirs = sorted(at for at in sheet[what] if at <= most)
                if theirs != ours[key]:
                    yield f"{name}: {key} {ours[key]}, other {theirs}"
        if "merged" in sheet and sheet["merged"] != {tuple(one) for one in ours["merged"]}:
            yield f"{name}: merged {ours['merged']}, other {sorted(sheet['merged'])}"


def same(cell, value):
    if cell is None:
        return value is None or (isinstance(value, str) and seen(value) == "")
    text, kind = cell["text"], cell["kind"]
    if isinstance(value, Serial):
        return same(cell, value.moment) or same(cell, value.number) or same(cell, value.moment.time())
    if isinstance(value, bool):
        return text == str(value).upper()
    if isinstance(value, datetime.datetime):
        if value.microsecond >= 500_000:
            later = value + datetime.timedelta(seconds=1)
            return text in (shown(value), shown(later))
        return text == shown(value)
    if isinstance(value, datetime.date):
        return text == value.isoformat()
    if isinstance(value, datetime.time):
        return text == value.strftime("%H:%M:%S")
    if isinstance(value, datetime.timedelta):
        return kind == "number" and abs(float(text) - value.total_seconds() / 86400) < 1e-8
    if isinstance(value, (int, float, decimal.Decimal)):
        if kind == "date":
            start = datetime.datetime(1899, 12, 30)
            moment = start + datetime.timedelta(days=float(value))
            nearest = moment + datetime.timedelta(milliseconds=500)
            return text in (shown(moment), shown(nearest)) or nineteen_four(text, value)
        if kind == "text" and 0 <= value < 1:
            moment = datetime.datetime(2000, 1, 1) + datetime.timedelta(days=float(value))
            nearest = moment + datetime.timedelta(milliseconds=500)
            return text in (moment.strftime("%H:%M:%S"), nearest.strftime("%H:%M:%S"))
        try:
            # heyan's decimals hold 28 places: what is left of a sum that should be nothing is cut there.
            if 0 < abs(value) < 1e-13 and abs(decimal.Decimal(text) - decimal.Decimal(value)) < decimal.Decimal("1e-28"):
                return True
            if isinstance(value, float) and decimal.Decimal(text) == decimal.Decimal(f"{value:.15g}"):
                return True
            return rounded(decimal.Decimal(text)) == rounded(decimal.Decimal(repr(value) if isinstance(value, float) else value))
        except decimal.InvalidOperation:
            return False
    # ECMA-376, part 1, 22.9.2.19: _x000D_ stands for the character of that number.
    unescaped = re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), str(value))
    return value is not None and text in (seen(str(value)), seen(unescaped))


def nineteen_four(text, value):
    moment = datetime.datetime(1904, 1, 1) + datetime.timedelta(days=float(value))
    return text == shown(moment)


def shown(moment):
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")


def rounded(number):
    return decimal.Context(prec=15, rounding=decimal.ROUND_HALF_UP).create_decimal(number).normalize()


def seen(text):
    text = text.strip().strip(BLANKS).strip()
    quoted = re.fullmatch('="([^"]*)"', text)
    text = quoted.group(1) if quoted else text
    return text.removeprefix("'").strip().strip(BLANKS).strip()


if __name__ == "__main__":
    sys.exit(main())
