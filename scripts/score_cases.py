#!/usr/bin/env python3
"""What was found of what was planted in drawn cases, by kind, and what was found besides.

    heyan-fixtures cases --seed 1 --count 100 --scans 0 --out CASES
    heyan verify CASES --today 2023-03-01 --out REPORTS
    scripts/score_cases.py CASES REPORTS

A planted fault counts as found where each of its rules comes out with the outcome it has to have and cites the
file that shows it, or says that it is missing. Everything that comes out open under another code is a false
alarm; under a code with something planted the gravest outcome alone is looked at. Of findings that compare two
sums it is counted in how many some items make up the difference. With --all every miss, every false alarm and
every difference that nothing makes up is printed.
"""

import argparse
import collections
import json
import pathlib
import sys

# The gravest last.
OUTCOMES = ["pass", "not_applicable", "manual_review", "missing_evidence", "fail"]
OPEN = OUTCOMES[2:]
EXPLAINED = ["DIFFERENCE_EXPLAINED", "SEVERAL_EXPLANATIONS", "DIFFERENCE_UNEXPLAINED"]


def by_code(report):
    """The gravest outcome of each rule's code, and the findings with it."""
    worst = {}
    for finding in report["findings"]:
        known = worst.get(finding["code"])
        if known is None or OUTCOMES.index(finding["outcome"]) > OUTCOMES.index(known[0]["outcome"]):
            worst[finding["code"]] = [finding]
        elif finding["outcome"] == known[0]["outcome"]:
            known.append(finding)
    return worst


def cites(findings, file, report):
    """Whether one of the findings rests on a file, or on what the declaration or a search for it says."""
    places = [report["evidence"][id] for finding in findings for id in finding["evidence"]]
    return file == "declaration.json" or any(place.get("file") == file for place in places)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("reports", type=pathlib.Path)
    parser.add_argument("--all", action="store_true", help="print every miss and every false alarm")
    given = parser.parse_args()
    kinds = collections.defaultdict(collections.Counter)
    explained = collections.Counter()
    clean = alarms = alarms_clean = same = count = 0
    lines = []
    for case in sorted(folder for folder in given.cases.iterdir() if (folder / "truth.json").is_file()):
        truth = json.loads((case / "truth.json").read_text())
        path = given.reports / case.name / "report.json"
        if not path.is_file():
            sys.exit(f"score_cases: {path} is missing")
        report = json.loads(path.read_text())
        count += 1
        same += report["outcome"] == truth["outcome"]
        found = by_code(report)
        for finding in report["findings"]:
            said = [note for note in finding["notes"] if note in EXPLAINED]
            if said and finding["outcome"] in OPEN:
                explained.update(said)
                if said == ["DIFFERENCE_UNEXPLAINED"]:
                    lines.append(f"{case.name}  UNEXPLAINED {finding['rule']} {finding['difference']}")
        for planted in truth["planted"]:
            findings = found.get(planted["code"], [{"outcome": "absent", "evidence": [], "reasons": []}])
            right = findings[0]["outcome"] == planted["outcome"]
            placed = right and cites(findings, planted["file"], report)
            for kind in planted["kind"].split("; "):
                kinds[kind].update(findings=1, right=right, placed=placed)
            if not placed:
                said = [f"{one.get('rule')} {one['outcome']} {one['reasons']}" for one in findings]
                lines.append(f"{case.name}  {planted['kind']}: {planted['code']} {planted['outcome']} in {planted['file']}, found {said}")
        wanted = {planted["code"] for planted in truth["planted"]}
        others = [one for code, some in found.items() if code not in wanted for one in some if one["outcome"] in OPEN]
        alarms += len(others)
        if not truth["planted"]:
            clean += 1
            alarms_clean += len(others)
        for one in others:
            lines.append(f"{case.name}  FALSE ALARM {one['code']} {one['rule']} {one['outcome']} {one['reasons']}: {one['message']['en']}")
    print(f"{'kind':28}{'findings':>9}{'right':>7}{'and placed':>12}")
    for kind, tally in sorted(kinds.items()):
        print(f"{kind:28}{tally['findings']:>9}{tally['right']:>7}{tally['placed']:>12}")
    whole = sum(kinds.values(), collections.Counter())
    print(f"{f'{len(kinds)} kinds':28}{whole['findings']:>9}{whole['right']:>7}{whole['placed']:>12}")
    print(f"{count} cases, {same} with the outcome they have to have; {clean} clean ones with {alarms_clean} false alarms, {alarms} in all")
    one, several = explained["DIFFERENCE_EXPLAINED"], explained["SEVERAL_EXPLANATIONS"]
    print(f"{explained.total()} sums that differ: {one} with one explanation, {several} with several")
    if given.all:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
