#!/usr/bin/env python3
"""Reads reports with seals over their amounts, and says how many amounts were read right, wrong, or not
surely enough to stand without a person's look.

    cargo run --release -p heyan-fixtures -- sealed --count 16 --out DIR
    scripts/score_seals.py DIR [--heyan target/release/heyan] [--sure 0.97]

An amount stands unflagged if its confidence is at least `--sure` and nothing is said of it. Ends with 1 if a
wrong amount does.
"""

import argparse
import collections
import decimal
import json
import pathlib
import subprocess
import sys

AMOUNTS = ("total", "development", "equipment", "testing_consulting")
COLUMNS = ("net", "gross", "paid")
ENDS = ("right", "right, flagged", "wrong, flagged", "missing", "wrong")


def extracted(heyan, file):
    """The report's record, of all documents found in the file the one with most in it."""
    out = subprocess.run([heyan, "extract", file, "--format", "json"], capture_output=True, text=True).stdout
    found = [one for one in json.loads(out) if one["document_type"] == "audit_report"]
    return max(found, key=lambda one: len(one["fields"]) + len(one["rows"].get("items", [])), default=None)


def amounts(record, wanted, rows):
    """What was read for each amount of the truth, by its path."""
    fields = (record or {}).get("fields", {})
    read = {name: fields.get(name) for name in AMOUNTS if name in wanted["fields"]}
    by_number = {row.get("invoice_number", {}).get("value"): row for row in rows}
    items = wanted["rows"]["items"]
    for at, item in enumerate(items):
        own = by_number.get(item["invoice_number"]) or (rows[at] if len(rows) == len(items) else {})
        for column in COLUMNS:
            read[f"items[{at}].{column}"] = own.get(column)
    return read


def truth(wanted, path):
    if path in wanted["fields"]:
        return wanted["fields"][path]
    at, column = path.removeprefix("items[").split("].")
    return wanted["rows"]["items"][int(at)][column]


def end(fact, value, sure):
    if not fact or fact.get("value") is None:
        return "missing"
    try:
        right = decimal.Decimal(fact["value"]) == decimal.Decimal(value)
    except decimal.InvalidOperation:
        right = False
    flagged = fact["confidence"] < sure or fact.get("problem")
    return ("right" if right else "wrong") + (", flagged" if flagged else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--heyan", default="target/release/heyan")
    parser.add_argument("--sure", type=float, default=0.97)
    parser.add_argument("--list", action="store_true", help="print every amount that did not end right")
    options = parser.parse_args()
    table = collections.defaultdict(collections.Counter)
    for place in sorted(options.folder.glob("*.truth.json")):
        wanted = json.loads(place.read_text())
        file = place.with_name(place.name.removesuffix(".truth.json"))
        record = extracted(options.heyan, file)
        rows = (record or {}).get("rows", {}).get("items", [])
        scan = wanted["scan"]
        for path, fact in amounts(record, wanted, rows).items():
            touched = "touched" if path in wanted["sealed"] else "beside"
            came = end(fact, truth(wanted, path), options.sure)
            shade = "grey" if scan["grey"] else "colour"
            for key in ((touched, "all", ""), (touched, shade, ""), (touched, shade, f"{scan['dpi']} dpi"), (touched, "face", scan["face"])):
                table[key][came] += 1
            if options.list and came != "right":
                print(f"{file.name} {path} {touched}: {came}: {truth(wanted, path)} read as {fact and fact.get('value')} {fact and fact.get('confidence')}")
    print(f"{'':32}{'n':>6}" + "".join(f"{name:>16}" for name in ENDS))
    for key, counts in sorted(table.items()):
        n = sum(counts.values())
        print(f"{' '.join(key):32}{n:>6}" + "".join(f"{counts[name]:>7} {100 * counts[name] / n:6.1f} %" for name in ENDS))
    sys.exit(1 if any(counts["wrong"] for counts in table.values()) else 0)


if __name__ == "__main__":
    main()
