#!/usr/bin/env python3
"""How fast heyan reads digital PDF files, beside PyMuPDF and pdfplumber, in one run.

    scripts/compare_pdf_speed.py [--bench "cargo bench --quiet --bench pdf --"] FOLDER_OR_FILE...

Each reads every file ten times and the best time counts (pdfplumber once). PyMuPDF does
`page.get_text("words")` of every page, pdfplumber `page.extract_words()` of the first ten. Files without a
text layer and files that need a password are left out. Printed are the times a page, and how many times
as long the others take: in the median over files, in the mean of the files' times a page, and over all
pages (PyMuPDF only).
"""

import argparse
import pathlib
import shlex
import statistics
import subprocess
import sys
import time

import other_readers

HERE = pathlib.Path(__file__).resolve().parent.parent
FEW = 10


def best(work, times=10):
    """The best time a page, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        pages = work()
        taken.append((time.perf_counter() - start) / max(pages, 1))
    return min(taken)


def with_pymupdf(path):
    import pymupdf

    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("words")
        return len(document)


def with_pdfplumber(path):
    import pdfplumber

    with pdfplumber.open(path) as document:
        pages = document.pages[:FEW]
        for page in pages:
            page.extract_words()
        return len(pages)


def has_text(path):
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    with pymupdf.open(path) as document:
        return not document.needs_pass and sum(len(page.get_text("words")) for page in document) > 10


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bench", default="cargo bench --quiet --bench pdf --")
    arguments.add_argument("paths", nargs="*", type=pathlib.Path, default=[HERE / "fixtures/cases"])
    given = arguments.parse_args()
    other_readers.run_inside()
    files = sorted(
        file.resolve()
        for path in given.paths
        for file in (path.rglob("*.[pP][dD][fF]") if path.is_dir() else [path])
        if file.is_file() and has_text(file)
    )
    if not files:
        print("compare: no PDF with text here, nothing is compared")
        return
    run = subprocess.run([*shlex.split(given.bench), *map(str, files)], capture_output=True, text=True, cwd=HERE)
    if run.returncode:
        sys.exit(run.stderr)
    rows = [line.split("\t") for line in run.stdout.splitlines() if line.count("\t") == 2]
    pages_of = {path: max(int(pages), 1) for path, pages, _ in rows}
    own = {path: float(seconds) / pages_of[path] for path, _, seconds in rows}
    mupdf, plumber, sums, whole = [], [], [0.0, 0.0, 0.0], [0.0, 0.0]
    print("ms a page:  heyan  PyMuPDF  pdfplumber  file")
    for path in files:
        ours = own[str(path)]
        theirs, slow = best(lambda: with_pymupdf(path)), best(lambda: with_pdfplumber(path), 1)
        mupdf.append(theirs / ours)
        plumber.append(slow / ours)
        for at, value in enumerate((ours, theirs, slow)):
            sums[at] += value
        for at, value in enumerate((ours, theirs)):
            whole[at] += value * pages_of[str(path)]
        print(f"{1000 * ours:16.2f} {1000 * theirs:8.2f} {1000 * slow:11.1f}  {path.name}")
    print(
        f"{len(files)} files: PyMuPDF takes {statistics.median(mupdf):.2f} times as long a page (median over files; "
        f"{sums[1] / sums[0]:.2f} in the mean over files, {whole[1] / whole[0]:.2f} over all {sum(pages_of.values())} pages), pdfplumber {statistics.median(plumber):.0f} times "
        f"({sums[2] / sums[0]:.0f})"
    )


if __name__ == "__main__":
    main()
