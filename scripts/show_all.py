#!/usr/bin/env python3
"""Runs `heyan show` on every file below some folders, and prints what came of it, format by format.

    scripts/show_all.py FOLDER... [--heyan target/release/heyan] [--seconds 60] [--memory 1500]

A file counts as read, read with problems, or refused (nothing was taken from it); each refusal is
listed with its reason. Ends with 1 if a run crashed, took longer than allowed, or any of its processes
took more memory. Pictures are recognised as the environment says: with HEYAN_MODELS=none only what
has text of its own is read, which is quick.
"""

import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

FILE = re.compile(r"^(?P<name>.*): (?P<format>[a-z0-9_-]+), sha256 [0-9a-f]{64}$")
PROBLEM = re.compile(r"^  problem (?P<code>[a-z0-9-]+)(?: page \d+)?: (?P<message>.*)$")
CONTENT = re.compile(r"^(page \d|sheet |data |  signature )")


class Shown:
    """What one run gave."""

    def __init__(self, path, program, seconds):
        self.path = path
        start = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([program, "show", str(path)], stdout=out, stderr=err)
            killed = self.wait(process, seconds * 3)
            out.seek(0)
            self.text = out.read().decode("utf-8", "replace")
            err.seek(0)
            self.errors = err.read().decode("utf-8", "replace")
        self.seconds = time.monotonic() - start
        self.hung = killed

    def wait(self, process, seconds):
        until = time.monotonic() + seconds
        while True:
            # What wait4 says counts the largest of the process and those it waited for.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.megabytes = usage.ru_maxrss / 1024
                process.returncode = self.code
                return False
            if time.monotonic() > until:
                process.kill()
                os.wait4(process.pid, 0)
                self.code, self.megabytes = -9, 0
                return True
            time.sleep(0.005)

    def judge(self):
        """Format, verdict, and problems of the file itself."""
        kind, files, content, problems = "?", 0, False, []
        for line in self.text.splitlines():
            if match := FILE.match(line):
                files += 1
                if files == 1:
                    kind = match["format"]
            elif match := PROBLEM.match(line):
                problems.append((match["code"], match["message"]))
            elif CONTENT.match(line):
                content = True
        if not problems:
            return kind, "read", problems
        return kind, "read with problems" if content or files > 1 else "refused", problems


def files(folders):
    for folder in folders:
        path = pathlib.Path(folder)
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        # Labels, indices and declarations lie beside the files, and nobody hands them in as evidence.
        yield from (p for p in found if not p.name.endswith((".json", ".words", ".md", "INDEX.tsv")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--heyan", default="target/release/heyan")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--memory", type=float, default=1500, help="megabytes")
    asked = parser.parse_args()
    absent = [folder for folder in asked.folders if not pathlib.Path(folder).exists()]
    for folder in absent:
        print(f"skipped: {folder} is not there", file=sys.stderr)
    verdicts = ["read", "read with problems", "refused"]
    table = collections.defaultdict(collections.Counter)
    refusals, troubles, bad = [], collections.Counter(), []
    slowest, largest, count = (0, ""), (0, ""), 0
    for path in files(folder for folder in asked.folders if folder not in absent):
        shown = Shown(path, asked.heyan, asked.seconds)
        kind, verdict, problems = shown.judge()
        count += 1
        print(f"{count:>5}  {shown.seconds:6.1f} s  {verdict}  {path}", file=sys.stderr)
        table[kind][verdict] += 1
        if verdict == "refused":
            refusals.append((kind, str(path), problems[0]))
        elif problems:
            troubles.update({code for code, _ in problems})
        slowest = max(slowest, (shown.seconds, str(path)))
        largest = max(largest, (shown.megabytes, str(path)))
        if shown.hung or shown.seconds > asked.seconds:
            bad.append(f"{path}: took {shown.seconds:.0f} s")
        if shown.code not in (0, 1):
            bad.append(f"{path}: ended with {shown.code}: {shown.errors.strip()[:300]}")
        if shown.megabytes > asked.memory:
            bad.append(f"{path}: took {shown.megabytes:.0f} MB")
    print(f"{'format':<12}" + "".join(f"{verdict:>20}" for verdict in verdicts))
    for kind in sorted(table):
        print(f"{kind:<12}" + "".join(f"{table[kind][verdict]:>20}" for verdict in verdicts))
    print(f"{'all':<12}" + "".join(f"{sum(row[verdict] for row in table.values()):>20}" for verdict in verdicts))
    print(f"\n{count} files; slowest {slowest[0]:.1f} s ({slowest[1]}), largest {largest[0]:.0f} MB ({largest[1]})")
    if troubles:
        print("\nread with problems, files by code:")
        for code, number in troubles.most_common():
            print(f"  {number:>4}  {code}")
    if refusals:
        print("\nrefused:")
        for kind, path, (code, message) in refusals:
            print(f"  {kind:<10} {path}: {code}: {message}")
    if bad:
        print("\nWRONG:")
        for line in bad:
            print(f"  {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
