#!/usr/bin/env python3
"""Verifies a folder of cases, and prints how long it took and how much memory all its processes took.

    scripts/run_batch.py CASES --out DIR [--heyan target/release/heyan] [--store URL] [--files PLACE]
    scripts/run_batch.py CASES --out DIR --store URL --kills 50 --like DIR [--seconds 15]

With `--kills` the program is killed (`kill -9`) so often, after some seconds each time (`--seconds` in the
mean, by chance from a fixed seed), and begun again; then it is left alone to the end. `--like` names the
reports of another run: every file has to be the same, byte for byte, or it ends with 1.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import time

PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(root):
    """The process and all that it started."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    found = [root]
    for one in found:
        found.extend(children.get(one, []))
    return found


def megabytes(root):
    """What all processes hold that is their own, and once what they share with files."""
    own, shared = 0, 0
    for process in tree(root):
        try:
            fields = pathlib.Path("/proc", str(process), "statm").read_text().split()
        except OSError:
            continue
        own += (int(fields[1]) - int(fields[2])) * PAGE
        shared = max(shared, int(fields[2]) * PAGE)
    return (own + shared) / 1e6


def run(command, most=None):
    """Seconds, peak memory and exit code; killed after `most` seconds."""
    start, peak = time.monotonic(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, megabytes(process.pid))
        left = 0.2 if most is None else min(0.2, start + most - time.monotonic())
        if left <= 0:
            process.kill()
        else:
            time.sleep(left)
    return time.monotonic() - start, peak, process.returncode


def files(folder):
    folder = pathlib.Path(folder)
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("--out", required=True)
    parser.add_argument("--heyan", default="target/release/heyan")
    parser.add_argument("--today", default="2023-03-01")
    parser.add_argument("--store")
    parser.add_argument("--files")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--like")
    options = parser.parse_args()
    command = [options.heyan, "verify", options.cases, "--out", options.out, "--today", options.today]
    for name in ("store", "files"):
        if value := getattr(options, name):
            command += [f"--{name}", value]
    chance = random.Random(1)
    killed = 0
    for _ in range(options.kills):
        _, _, code = run(command, chance.uniform(0, 2 * options.seconds))
        killed += code == -9
    seconds, peak, code = run(command)
    cases = sum(1 for path in options.cases.iterdir() if (path / "declaration.json").is_file())
    documents = sum(1 for path in options.cases.glob("*/attachments/**/*") if path.is_file())
    print(f"{cases} cases, {documents} files: {seconds:.1f} s, {cases / seconds * 60:.1f} cases a minute, peak {peak:.0f} MB, exit code {code}")
    if options.kills:
        print(f"killed {killed} times of {options.kills} before")
    if code not in (0, 1):
        sys.exit(1)
    if options.like:
        made, like = files(options.out), files(options.like)
        differ = sorted(str(name) for name in made.keys() | like.keys() if made.get(name) != like.get(name))
        print(f"{len(like)} files expected, {len(made)} found, {len(differ)} differ {differ[:5]}")
        sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
