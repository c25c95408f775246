#!/usr/bin/env python3
"""How fast heyan reads pictures, and how well, beside RapidOCR with the same models, in one run.

    heyan-fixtures pictures --taken photo --count 40 --out DIR
    scripts/compare_ocr.py DIR [--heyan target/release/heyan] [--bench "cargo bench --quiet --bench recognition --"]

Each picture DIR/x.jpg has its truth beside it in x.jpg.truth.json. RapidOCR gets two threads and the longest
side 2000. Of heyan are measured the first engine alone (by the bench) and all of it, with the second opinion,
codes and extraction (`heyan score`, which includes starting up), each with two pictures at once and with one
on one core. Printed are seconds, how they stand to RapidOCR's, the most memory a process took, and how many
of the values of the truth stand in what was read. What runs on two cores runs in turn for several rounds, and
the middle one counts: a machine is not equally quick from minute to minute. One with less than two idle cores
measures something else.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import time
import unicodedata

import other_readers

HERE = pathlib.Path(__file__).resolve().parent.parent
# As the program sets them for itself.
SETTINGS = {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=4194304:glibc.malloc.hugetlb=1", "OMP_THREAD_LIMIT": "1"}


def rapidocr(files):
    """Reads the files, and prints their texts and the seconds it took; starting up is not counted."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": 2000,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    start = time.perf_counter()
    texts = {file: " ".join(engine(file).txts or ()) for file in files}
    print(json.dumps({"seconds": time.perf_counter() - start, "texts": texts}))


# One core is one core for all threads of a process.
NAMES = {2: "two cores", 1: "one core"}
ON = {2: [], 1: ["taskset", "--cpu-list", "0"]}


def run(command):
    """What a command prints, its seconds, and the most memory it took, in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **SETTINGS}, cwd=HERE)
    out = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # `heyan score` ends with 1 where files differ from their truth.
    if process.returncode not in (0, 1) or not out:
        sys.exit(f"compare: `{shlex.join(map(str, command[:6]))}` failed ({process.returncode}); run it by itself to see why")
    return out, time.perf_counter() - start, used.ru_maxrss / 1024


def folded(text):
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).upper()


def values(truth):
    """The names, codes and amounts of a truth; days are printed in too many ways."""
    for one in truth.get("documents", [truth]):
        for value in one["fields"].values():
            if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value) and len(folded(value)) > 3:
                yield folded(value)


def standing(files, texts):
    """How many values of the truths stand in the texts, and how many there are."""
    found = [
        value in folded(texts[str(file)])
        for file in files
        for value in values(json.loads(pathlib.Path(f"{file}.truth.json").read_text()))
    ]
    return f"{sum(found)} of {len(found)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--heyan", default="target/release/heyan")
    parser.add_argument("--bench", default="cargo bench --quiet --bench recognition --")
    parser.add_argument("--rounds", type=int, default=3, help="how often what runs on two cores runs (3)")
    parser.add_argument("--rapidocr", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    other_readers.run_inside()
    if given.rapidocr is not None:
        return rapidocr(given.rapidocr)
    files = sorted(file.with_name(file.name.removesuffix(".truth.json")).resolve() for file in given.folder.glob("*.truth.json"))
    if not files:
        sys.exit(f"compare: there is no picture with a truth beside it in {given.folder}")
    names = [str(file) for file in files]
    bench = shlex.split(given.bench)
    # What has to be compiled is compiled before anything is timed.
    run([*bench, names[0]])
    print(f"{len(files)} pictures{'':25}{'seconds':>9}{'of RapidOCR':>13}{'MB':>7}  values that stand in what was read")

    def other():
        out, _, memory = run([sys.executable, __file__, str(given.folder), "--rapidocr", *names])
        read = json.loads(out.splitlines()[-1])
        return read["seconds"], memory, standing(files, read["texts"])

    def first(jobs):
        out, _, memory = run([*ON[jobs], *bench, "--jobs", str(jobs), *names])
        *lines, last = out.splitlines()
        return float(last.split("\t")[1]), memory, standing(files, dict(line.split("\t") for line in lines))

    def whole(jobs):
        out, seconds, memory = run([*ON[jobs], given.heyan, "score", str(given.folder.resolve()), "--jobs", str(jobs), "--no-cache"])
        found = re.findall(r"^[a-z_]+ +[a-z]+ +(\d+) +(\d+)", out, re.M)
        return seconds, memory, f"{sum(int(right) for _, right in found)} of {sum(int(all) for all, _ in found)} fields exact"

    def row(name, runs):
        """The middle time of the runs, and the middle of how they stand to RapidOCR's in the same rounds."""
        share = statistics.median(own[0] / its[0] for own, its in zip(runs, rounds["RapidOCR, two threads"]))
        seconds, memory = statistics.median(one[0] for one in runs), max(one[1] for one in runs)
        print(f"{name:36}{seconds:9.1f}{share:13.2f}{memory:7.0f}  {runs[0][2]}", flush=True)
        return seconds

    at_once = {
        "RapidOCR, two threads": other,
        "heyan, first engine, two cores": lambda: first(2),
        "heyan, all of it, two cores": lambda: whole(2),
    }
    rounds = {name: [] for name in at_once}
    for turn in range(given.rounds):
        print(f"round {turn + 1} of {given.rounds}", file=sys.stderr, flush=True)
        for name, read in at_once.items():
            rounds[name].append(read())
    _, first_twice, whole_twice = (row(name, runs) for name, runs in rounds.items())
    first_once = row("heyan, first engine, one core", [first(1)])
    whole_once = row("heyan, all of it, one core", [whole(1)])
    times = f"{first_once / first_twice:.2f} times as fast as one with the first engine, {whole_once / whole_twice:.2f} times in all"
    print(f"two cores are {times}")


if __name__ == "__main__":
    main()
