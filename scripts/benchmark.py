#!/usr/bin/env python3
"""What an engine reads in documents that were drawn, by type and by how they were handed in.

    heyan-fixtures documents --set testing --quality clean --seed 9000 --count 28 --out DIR/clean
    scripts/benchmark.py DIR --kept READ                         # heyan
    scripts/benchmark.py DIR --kept READ --engine baseline       # RapidOCR and regular expressions

Every file DIR/**/x has its truth beside it in x.truth.json (fixtures/README.md says how it is laid out). What
the engine reads of x is kept in READ/<engine>/<SHA-256 of x>.json, and a file that was read is not read again:
the run may be broken off and started anew. Another engine is measured by writing such files and naming their
folder with --engine: an array of documents, each `{"document_type": …, "fields": {"net": {"value": "1.00",
"accepted": true}}}`, with `"pages": [1, 2]` where a file holds several. `accepted` says that nobody needs to look
at the value again.

A value is right if it is the same after NFKC, without white space, with brackets alike and letters in upper
case; amounts are compared as numbers. Where the truth says `null` there is no value, and any is wrong. Printed
are, for each type and each way of handing in, the documents and how many have their type told rightly; the
labelled fields, how many are right, wrong and missing; how many were accepted, which share that is of the
labelled, and how many of them are right; what was accepted of a document that is not there counts among them, but
for `signature`, which says of a file whether it is signed and reads nothing. Lists are counted below, cell by
cell; an engine that reads them writes `"rows": {"items": [{"net": {"value": …}}]}` as well.
Another version of an engine wants another READ.
"""

import argparse
import collections
import decimal
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
# So many files are read by one start of heyan.
AT_ONCE = 24


def heyan(program):
    def read(files):
        out = subprocess.run([program, "extract", "--format", "json", *map(str, files)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        found = {str(file): [] for file in files}
        for one in json.loads(out):
            # A file in an archive stands under the archive's name.
            name = next(name for name in found if one["file"] == name or one["file"].startswith(f"{name}/"))
            found[name].append(one)
        return [found[str(file)] for file in files]

    return read


def baseline(_):
    import baseline as engine

    return lambda files: [engine.read(file) for file in files]


ENGINES = {"heyan": heyan, "baseline": baseline}


def read_all(files, kept, engine, program):
    """Reads what is not read yet."""
    left = [file for file in files if not kept_as(file, kept).is_file()]
    if not left:
        return
    if engine not in ENGINES:
        sys.exit(f"benchmark: {kept_as(left[0], kept)} for {left[0]} is missing, and {len(left) - 1} more; an engine of that name is not known here")
    read = ENGINES[engine](program)
    for at in range(0, len(left), AT_ONCE):
        print(f"\r{at} of {len(left)} files read", end="", file=sys.stderr, flush=True)
        some = left[at : at + AT_ONCE]
        for file, documents in zip(some, read(some), strict=True):
            name = kept_as(file, kept)
            name.parent.mkdir(parents=True, exist_ok=True)
            part = name.with_suffix(".part")
            part.write_text(json.dumps(documents, ensure_ascii=False))
            part.rename(name)
    print("\r", end="", file=sys.stderr)


def kept_as(file, kept):
    return kept / f"{hashlib.sha256(file.read_bytes()).hexdigest()}.json"


def folded(value):
    value = re.sub(r"\s", "", unicodedata.normalize("NFKC", value)).upper()
    return value.translate(str.maketrans("〔〕【】[]「」", "()()()()"))


def same(value, wanted):
    value, wanted = folded(value), folded(wanted)
    # Codes are figures as well: only what has decimals is an amount.
    amounts = all(re.fullmatch(r"-?\d{1,15}(\.\d+)?", one) for one in (value, wanted)) and "." in value + wanted
    return decimal.Decimal(value) == decimal.Decimal(wanted) if amounts else value == wanted


def pair(label, left):
    """The document a label means: of its type and on its page, else any of its type that is left."""
    same = [one for one in left if one["document_type"] == label["document_type"]]
    first = label.get("pages", [None])[0]
    found = next((one for one in same if first and one.get("pages", [None])[0] == first), next(iter(same), None))
    if found is not None:
        left.remove(found)
    return found


class Tally:
    HEAD = f"{'documents':>10}{'type told':>10}{'fields':>8}{'right':>16}{'wrong':>14}{'missing':>15}{'accepted':>17}{'of them right':>20}"

    def __init__(self):
        self.documents = self.told = self.fields = self.right = self.wrong = self.missing = self.accepted = self.sound = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def row(self):
        def share(part, whole):
            return f"{part} ({100 * part / whole:.1f} %)" if whole else "-"

        sound = f"{self.sound} ({100 * self.sound / self.accepted:.2f} %)" if self.accepted else "-"
        return (
            f"{self.documents:>10}{self.told:>10}{self.fields:>8}{share(self.right, self.fields):>16}{share(self.wrong, self.fields):>14}"
            f"{share(self.missing, self.fields):>15}{share(self.accepted, self.fields):>17}{sound:>20}"
        )


def judged(value, wanted):
    """Right, wrong or missing; in lists an empty cell is none."""
    if value is None and wanted:
        return "missing"
    if not wanted:
        return "right" if value is None else "wrong"
    return "right" if value is not None and same(value, wanted) else "wrong"


def count(label, document, differences, name):
    tally = Tally()
    tally.documents, tally.told = 1, int(document is not None)
    count_fields(tally, label["fields"], document and document.get("fields", {}), differences, name)
    return tally


def count_fields(tally, wanted_fields, found, differences, name):
    for field, wanted in wanted_fields.items():
        fact = (found or {}).get(field) or {}
        value = fact.get("value")
        tally.fields += 1
        verdict = "missing" if found is None else judged(value, wanted)
        setattr(tally, verdict, getattr(tally, verdict) + 1)
        # Only a value can be accepted: that there is none is nobody's reading.
        if value is not None and fact.get("accepted"):
            tally.accepted += 1
            tally.sound += int(verdict == "right")
        if verdict != "right":
            accepted = "  ACCEPTED" if fact.get("accepted") and value is not None else ""
            differences.append(f"{name}  {field}: wanted {wanted}, found {value}{accepted}")


def count_list(name, wanted, found, differences, file):
    """A list: `documents` is lists, `told` those with the right number of lines, `fields` cells. Lines are paired in
    their order so that most cells agree; what was accepted of a line that is not there is wrong."""
    tally = Tally()
    tally.documents, tally.told = 1, int(len(wanted) == len(found))
    pairs = aligned(wanted, found)
    for at, line in enumerate(wanted):
        other = found[pairs[at]] if at in pairs else None
        count_fields(tally, line, other, differences, f"{file}  {name}[{at}]")
    for at in set(range(len(found))) - set(pairs.values()):
        accepted = [field for field, fact in found[at].items() if fact.get("accepted") and fact.get("value") is not None]
        tally.accepted += len(accepted)
        differences.append(f"{file}  {name}: line {at} is not there{'  ACCEPTED ' + ' '.join(accepted) if accepted else ''}")
    return tally


def aligned(wanted, found):
    """Which line found is which wanted, in order: the pairing in which most cells are right."""
    def likeness(line, other):
        return sum(judged((other.get(field) or {}).get("value"), value) == "right" for field, value in line.items() if value)

    best = [[0] * (len(found) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) - 1, -1, -1):
        for j in range(len(found) - 1, -1, -1):
            like = likeness(wanted[i], found[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + like if like else 0)
    pairs, i, j = {}, 0, 0
    while i < len(wanted) and j < len(found):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs[i] = j
            i, j = i + 1, j + 1
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kept", type=pathlib.Path, required=True, help="where what was read is kept")
    parser.add_argument("--engine", default="heyan", help="heyan, baseline, or the name of a folder in READ")
    parser.add_argument("--heyan", default=str(HERE.parent / "target/release/heyan"), help="the program")
    parser.add_argument("--differences", action="store_true", help="print every value that is not right")
    given = parser.parse_args()
    if given.engine == "baseline":
        import other_readers

        other_readers.run_inside()
    files = sorted(file.with_name(file.name.removesuffix(".truth.json")) for file in given.folder.rglob("*.truth.json"))
    if not files:
        sys.exit(f"benchmark: there is no file with a truth beside it below {given.folder}")
    kept = given.kept / given.engine
    read_all(files, kept, given.engine, given.heyan)
    tallies, lists = collections.defaultdict(Tally), collections.defaultdict(Tally)
    differences = []
    for file in files:
        truth = json.loads(pathlib.Path(f"{file}.truth.json").read_text())
        left = json.loads(kept_as(file, kept).read_text())
        quality = truth.get("drawn", {}).get("quality", "-")
        for label in truth.get("documents", [truth]):
            name = f"{file.relative_to(given.folder)}"
            row = tallies[label["document_type"], quality]
            document = pair(label, left)
            row.add(count(label, document, differences, name))
            for rows, wanted in label.get("rows", {}).items():
                found = (document or {}).get("rows", {}).get(rows, [])
                lists[f"{label['document_type']} {rows}", quality].add(count_list(rows, wanted, found, differences, name))
        # What was accepted of documents that are not there is accepted and wrong.
        for field, fact in ((field, fact) for one in left for field, fact in one["fields"].items() if field != "signature" and fact.get("accepted")):
            row.accepted += 1
            differences.append(f"{name}  {field}: of no document that is there, found {fact['value']}  ACCEPTED")
    print(f"{'':24}{'':8}{Tally.HEAD}")
    for (kind, quality), tally in sorted(tallies.items()):
        print(f"{kind:24}{quality:8}{tally.row()}")
    print()
    for quality in sorted({quality for _, quality in tallies}):
        whole = Tally()
        for (_, of), tally in tallies.items():
            if of == quality:
                whole.add(tally)
        print(f"{'all':24}{quality:8}{whole.row()}")
    if lists:
        print(f"\n{'lists':24}{'':8}{Tally.HEAD.replace('documents', '    lists').replace(' type told', 'lines told').replace('fields', ' cells')}")
        for (kind, quality), tally in sorted(lists.items()):
            print(f"{kind:24}{quality:8}{tally.row()}")
    if given.differences:
        print()
        print("\n".join(differences))


if __name__ == "__main__":
    main()
