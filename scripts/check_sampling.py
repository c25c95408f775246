#!/usr/bin/env python3
"""Holds the figures that samples are planned by against printed tables, and against a computation of its own.

    scripts/check_sampling.py [--heyan target/debug/heyan]

The tables are those of the AICPA's Audit Guide "Audit Sampling": confidence factors for monetary-unit sampling,
printed to two decimals and rounded up; expansion factors; sample sizes for tests of controls at 5 % risk of
overreliance. What is computed here uses fractions of whole numbers and the 50 digits of decimal, and shares nothing
with the program. Ends with 1 if anything differs.
"""

import argparse
import decimal
import fractions
import json
import math
import pathlib
import subprocess
import sys

decimal.getcontext().prec = 50
D = decimal.Decimal

# Confidence in percent: factors for 0 to 5 overstatements as they are printed, and the expansion factor.
FACTORS = {
    "90": (["2.31", "3.89", "5.33", "6.69", "8.00", "9.28"], "1.5"),
    "95": (["3.00", "4.75", "6.30", "7.76", "9.16", "10.52"], "1.6"),
    "99": (["4.61", "6.64", "8.41", "10.05", "11.61", "13.11"], "1.9"),
}

# At 95 %: (tolerable rate, expected rate) in percent: sample size and deviations expected, as printed.
SIZES = {
    ("2", "0"): (149, 0),
    ("3", "0"): (99, 0),
    ("4", "0"): (74, 0),
    ("5", "0"): (59, 0),
    ("6", "0"): (49, 0),
    ("7", "0"): (42, 0),
    ("8", "0"): (36, 0),
    ("9", "0"): (32, 0),
    ("10", "0"): (29, 0),
    ("15", "0"): (19, 0),
    ("20", "0"): (14, 0),
    ("2", "0.25"): (236, 1),
    ("5", "0.25"): (93, 1),
    ("3", "1"): (257, 3),
    ("4", "1"): (156, 2),
    ("5", "1"): (93, 1),
    ("6", "1"): (78, 1),
    ("5", "1.25"): (124, 2),
    ("5", "1.5"): (124, 2),
    ("5", "1.75"): (153, 3),
    ("5", "2"): (181, 4),
    ("6", "2"): (127, 3),
}


def at_most(errors, mean):
    """The chance of at most so many events where `mean` are expected."""
    return (-mean).exp() * sum(mean**i / math.factorial(i) for i in range(errors + 1))


def factor(risk, errors):
    """Where that chance comes down to the risk."""
    low, high = D(0), D(100)
    for _ in range(160):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(errors, middle) > risk else (low, middle)
    return low


def is_enough(size, allowed, rate, risk):
    """Whether finding no more deviations than allowed has at most the risk, in whole numbers."""
    rate = fractions.Fraction(rate)
    p, q = rate.numerator, rate.denominator
    ways = sum(math.comb(size, i) * p**i * (q - p) ** (size - i) for i in range(allowed + 1))
    return ways * risk.denominator <= risk.numerator * q**size


def size(tolerable, expected, risk, most=1500):
    """The smallest sample whose allowed deviations are no fewer than the expected rate gives."""
    rate, expected = fractions.Fraction(tolerable) / 100, fractions.Fraction(expected) / 100
    items = 1
    for allowed in range(most):
        while items <= most and not (items > allowed and is_enough(items, allowed, rate, risk)):
            items += 1
        if items > most:
            return None
        if allowed >= expected * items:
            return items, allowed
    return None


def tables(heyan, confidence):
    """What the program prints."""
    command = [heyan, "sample", "--tables", "--confidence", confidence, "--format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent.parent
    arguments.add_argument("--heyan", default=here / "target/debug/heyan")
    heyan = arguments.parse_args().heyan
    compared, wrong = 0, []

    def compare(what, found, wanted):
        nonlocal compared
        compared += 1
        if found != wanted:
            wrong.append(f"{what}: {found}, wanted {wanted}")

    for confidence, (printed, expansion) in FACTORS.items():
        found = tables(heyan, confidence)
        factors = [D(one) for one in found["confidence_factors"]]
        for errors, own in enumerate(factors):
            exact = factor((100 - D(confidence)) / 100, errors)
            compare(f"{confidence} %, {errors} errors", own, exact.quantize(D("1e-8")))
        for errors, text in enumerate(printed):
            shown = factors[errors].quantize(D("0.01"), decimal.ROUND_UP)
            compare(f"{confidence} %, {errors} errors, printed", shown, D(text))
        compare(f"{confidence} %, expansion factor", D(found["expansion_factor"]), D(expansion))
        risk = fractions.Fraction(100 - int(confidence), 100)
        sizes = {(row["tolerable"], row["expected"]): (row["items"], row["allowed"]) for row in found["attribute_sizes"]}
        for (tolerable, expected), own in sizes.items():
            # Larger ones take long in whole numbers.
            if own[0] is not None and own[0] <= 700:
                compare(f"{confidence} %, tolerable {tolerable} %, expected {expected} %", own, size(tolerable, expected, risk))
        if confidence == "95":
            for (tolerable, expected), pair in SIZES.items():
                what = f"tolerable {tolerable} %, expected {expected} %, printed"
                compare(what, sizes[tolerable, expected], pair)
    print(f"{compared} figures compared, {len(wrong)} differ")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
