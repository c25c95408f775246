#!/usr/bin/env python3
"""Compares what heyan reads from PDF files with PyMuPDF, pdfium and poppler.

    scripts/compare_pdf_text.py [--heyan target/release/heyan] FOLDER_OR_FILE...

For every file with a text layer it prints how far the characters agree (as bags, NFKC, white space
off; twice the common ones by all of both) with each of the three, the best of the three, and how
many of PyMuPDF's words that heyan has too overlap heyan's box of the same characters by half or
more (IoU). Characters that heyan reads and calls hidden count as read.

PyMuPDF and pypdfium2 come from PyPI into a virtual environment; poppler is Debian's
poppler-utils. Without a corpus there is nothing to compare, and the script says so.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import unicodedata

import other_readers

HERE = pathlib.Path(__file__).resolve().parent.parent


def bag(text):
    text = unicodedata.normalize("NFKC", text)
    return collections.Counter(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))


def agreement(one, other):
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def by_heyan(heyan, path):
    run = subprocess.run([heyan, "show", path, "--format", "json", "--no-ocr"], capture_output=True)
    try:
        return json.loads(run.stdout)[0]
    except (ValueError, KeyError, IndexError):
        return None


def by_pymupdf(path):
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    with pymupdf.open(path) as document:
        if document.needs_pass:
            return [], []
        words = []
        for page in document:
            upright = page.rotation_matrix
            words.append([(*(pymupdf.Rect(word[:4]) * upright).normalize(), *word[4:]) for word in page.get_text("words")])
    return ["".join(word[4] for word in page) for page in words], words


def by_pdfium(path):
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return []
    return [page.get_textpage().get_text_range() for page in document]


def by_poppler(path):
    run = subprocess.run(["pdftotext", "-q", path, "-"], capture_output=True)
    return run.stdout.decode("utf-8", "replace").split("\f")


def characters(page):
    """heyan's characters with their boxes."""
    for word in page["words"]:
        left, top, right, bottom = word["box"]
        edges = word["edges"]
        sideways = bottom - top > 1.8 * (right - left) and len(word["text"]) > 1
        for at, character in enumerate(word["text"]):
            if sideways:
                share = (bottom - top) / len(word["text"])
                yield character, (left, top + at * share, right, top + (at + 1) * share)
            elif at + 1 < len(edges):
                yield character, (edges[at], top, edges[at + 1], bottom)


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return width * height / (area(a) + area(b) - width * height)


def boxes(ours, theirs):
    """How many of PyMuPDF's words were found among heyan's characters, and how many fit."""
    found = fit = 0
    worst = []
    for page, words in zip(ours["pages"], theirs):
        if page["turn"] != "none":
            continue
        grid = collections.defaultdict(list)
        for character, box in characters(page):
            grid[int((box[0] + box[2]) / 2 // 20), int((box[1] + box[3]) / 2 // 20)].append((character, box))
        for left, top, right, bottom, text, *_ in words:
            near = []
            for x in range(int((left - 2) // 20), int((right + 2) // 20) + 1):
                for y in range(int((top - 2) // 20), int((bottom + 2) // 20) + 1):
                    near += grid.get((x, y), [])
            inside = [
                (character, box)
                for character, box in near
                if left - 1 <= (box[0] + box[2]) / 2 <= right + 1 and top - 1 <= (box[1] + box[3]) / 2 <= bottom + 1
            ]
            if not inside or bag("".join(c for c, _ in inside)) != bag(text):
                continue
            found += 1
            box = tuple(f(b[at] for _, b in inside) for at, f in enumerate((min, min, max, max)))
            overlap = iou(box, (left, top, right, bottom))
            fit += overlap >= 0.5
            if overlap < 0.5:
                worst.append((round(overlap, 2), text, tuple(round(v, 1) for v in box), tuple(round(v, 1) for v in (left, top, right, bottom))))
    return found, fit, worst


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--heyan", default=str(HERE / "target/release/heyan"))
    arguments.add_argument("--show-misfits", action="store_true")
    arguments.add_argument("paths", nargs="+", type=pathlib.Path)
    given = arguments.parse_args()
    files = sorted(
        file
        for path in given.paths
        for file in (path.rglob("*.[pP][dD][fF]") if path.is_dir() else [path])
        if file.is_file()
    )
    if not files:
        print("compare: no PDF here, nothing is compared")
        return
    other_readers.run_inside()
    rows, all_found, all_fit = [], 0, 0
    print("pymupdf pdfium poppler   best  boxes fit/found of words  file")
    for path in files:
        theirs, pages = by_pymupdf(path)
        if bag("".join(theirs)).total() < 20:
            continue
        ours = by_heyan(given.heyan, path)
        if ours is None:
            print(f"heyan failed on {path}")
            rows.append(0.0)
            continue
        # A page whose text layer heyan does not believe is read as a picture, and has no text to compare.
        compared = [page["number"] - 1 for page in ours["pages"] if page["layer"] != "doubtful"]
        if not compared:
            print(f"  text layer not believed, read as a picture            {path.name}")
            continue
        part = lambda pages: bag("".join(pages[at] for at in compared if at < len(pages)))
        own = bag("".join(w["text"] for page in ours["pages"] if page["number"] - 1 in compared for w in page["words"] + page["hidden"]))
        theirs = part(theirs)
        agreements = [agreement(own, text) for text in (theirs, part(by_pdfium(path)), part(by_poppler(path)))]
        found, fit, worst = boxes(ours, pages)
        all_found, all_fit = all_found + found, all_fit + fit
        best = max(agreements)
        rows.append(best)
        numbers = "  ".join(f"{value:.3f}" for value in agreements)
        words = sum(len(page) for page in pages)
        print(f"{numbers}  {best:.3f}  {fit:5}/{found:5} of {words:5}  {path.name}")
        if given.show_misfits:
            for misfit in worst[:8]:
                print("      ", *misfit)
            print("       ours only", dict((own - theirs).most_common(12)), "theirs only", dict((theirs - own).most_common(12)))
    if rows:
        print(f"{len(rows)} files: mean {sum(rows) / len(rows):.4f}, lowest {min(rows):.3f}, below 0.95: {sum(row < 0.95 for row in rows)}")
        print(f"boxes: {all_fit} of {all_found} matched words overlap by half or more ({100 * all_fit / max(all_found, 1):.2f} %)")


if __name__ == "__main__":
    main()
