#!/usr/bin/env python3
"""How fast heyan reads pictures, and how well, beside RapidOCR with the same models, in one run.

    heyan-fixtures pictures --taken photo --count 40 --out DIR
    scripts/compare_ocr.py DIR [--heyan target/release/heyan] [--bench "cargo bench --quiet --bench recognition --"]

Each picture DIR/x.jpg has its truth beside it in x.jpg.truth.json. RapidOCR gets two threads and the longest
side 2000. Of heyan are measured the first engine alone (by the bench) and all of it, with the second opinion,
codes and extraction (`heyan score`, which includes starting up), each with two pictures at once and with one
on one core. Printed are seconds, how they stand to RapidOCR's, the most memory a process took, and how many
of the values of the truth stand in what was read. A machine with less than two idle cores measures something
else.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
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
    out, _, memory = run([sys.executable, __file__, str(given.folder), "--rapidocr", *names])
    other = json.loads(out.splitlines()[-1])
    whole = other["seconds"]

    def row(name, seconds, memory, note=""):
        print(f"{name:36}{seconds:9.1f}{seconds / whole:13.2f}{memory:7.0f}  {note}", flush=True)

    row("RapidOCR, two threads", whole, memory, standing(files, other["texts"]))
    alone = {}
    for jobs in (2, 1):
        out, _, memory = run([*ON[jobs], *bench, "--jobs", str(jobs), *names])
        *lines, last = out.splitlines()
        texts = dict(line.split("\t") for line in lines)
        alone[jobs] = float(last.split("\t")[1])
        row(f"heyan, first engine, {NAMES[jobs]}", alone[jobs], memory, standing(files, texts))
    full = {}
    for jobs in (2, 1):
        out, full[jobs], memory = run([*ON[jobs], given.heyan, "score", str(given.folder.resolve()), "--jobs", str(jobs)])
        found = re.findall(r"^[a-z_]+ +[a-z]+ +(\d+) +(\d+)", out, re.M)
        exact = f"{sum(int(right) for _, right in found)} of {sum(int(all) for all, _ in found)} fields exact"
        row(f"heyan, all of it, {NAMES[jobs]}", full[jobs], memory, exact)
    print(f"two cores are {alone[1] / alone[2]:.2f} times as fast as one with the first engine, {full[1] / full[2]:.2f} times in all")


if __name__ == "__main__":
    main()
