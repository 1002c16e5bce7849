#!/usr/bin/env python3
"""usage: compare.py PROGRAM [RULES [SEED]]

Carries random recurrence rules out with the library (compare.c) and with python-dateutil, and compares the dates. TAP.
A seed makes the same rules each time; a difference is printed with its rule.
"""
import datetime
import itertools
import random
import re
import subprocess
import sys
import warnings

from dateutil.rrule import rrulestr

warnings.simplefilter("ignore")
program = sys.argv[1]
rules = int(sys.argv[2]) if len(sys.argv) > 2 else 200
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 5545
DATES = 15
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LAST_YEAR = 2040  # how far both look: dateutil takes seconds for a date that never comes


def some(source, values, most):
    return sorted(source.sample(list(values), source.randint(1, most)), key=str)


def random_rule(source):
    frequency = source.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if source.random() < 0.5:
        parts.append(f"INTERVAL={source.choice([1, 2, 3, 4, 5, 7, 12, 13, 40])}")
    by = False
    if source.random() < 0.35:
        by = parts.append("BYMONTH=" + ",".join(map(str, some(source, range(1, 13), 4)))) is None
    if frequency != "WEEKLY" and source.random() < 0.4:
        days = [d for d in range(-31, 32) if d != 0]
        by = parts.append("BYMONTHDAY=" + ",".join(map(str, some(source, days, 5)))) is None
    if source.random() < 0.45:
        days = some(source, DAYS, 4)
        if frequency in ("MONTHLY", "YEARLY") and source.random() < 0.6:
            most = 5 if frequency == "MONTHLY" else 53
            # All of them numbered, for dateutil takes "MO,2TU" to mean what is both: RFC 5545 has them as alternatives.
            days = [str(source.choice([1, -1]) * source.randint(1, most)) + d for d in days]
        by = parts.append("BYDAY=" + ",".join(days)) is None
    if by and source.random() < 0.25:
        positions = [p for p in range(-6, 7) if p != 0]
        parts.append("BYSETPOS=" + ",".join(map(str, some(source, positions, 3))))
    if source.random() < 0.2:
        parts.append(f"WKST={source.choice(DAYS)}")
    if source.random() < 0.2:
        parts.append(f"COUNT={source.randint(1, 40)}")
    elif source.random() < 0.2:
        parts.append(f"UNTIL={source.randint(2026, 2060)}{source.randint(1, 12):02}{source.randint(1, 28):02}")
    return ";".join(parts)


def within(dates):
    return [date for date in dates if date <= f"{LAST_YEAR}-01-01"]


def theirs(rule, start):
    count = re.search(";COUNT=([0-9]+)", rule)
    rule = re.sub(";COUNT=[0-9]+", "", rule)
    if "UNTIL" not in rule:
        rule += f";UNTIL={LAST_YEAR}0101"
    dates = rrulestr(rule, dtstart=datetime.datetime.combine(start, datetime.time()))
    most = min(DATES, int(count.group(1))) if count else DATES
    return within([str(date.date()) for date in itertools.islice(dates, most)])


def ours(lines):
    run = subprocess.run([program], input="\n".join(lines) + "\n", text=True, stdout=subprocess.PIPE, check=True)
    return [line.split() for line in run.stdout.splitlines()]


def main():
    source = random.Random(seed)
    cases = []
    while len(cases) < rules:
        rule = random_rule(source)
        start = datetime.date(2026, 1, 1) + datetime.timedelta(days=source.randrange(1500))
        try:
            cases.append((rule, start, theirs(rule, start)))
        except IndexError:
            pass  # dateutil's own fault: a 53rd weekday that the year does not have
    found = ours([f"{start} {DATES} {rule}" for rule, start, _ in cases])
    different = []
    afters = []
    for (rule, start, expected), dates in zip(cases, found):
        dates = within(dates)
        if dates != expected:
            different.append((start, rule, dates, expected))
        elif len(dates) > 2:
            at = source.randrange(len(dates) - 1)
            afters.append((f"{start} {dates[at]} {rule}", dates[at + 1]))
    for start, rule, dates, expected in different[:20]:
        print(f"# {start} {rule}\n#   ours   {dates[:8]}\n#   theirs {expected[:8]}")
    print(f"{'not ' * bool(different)}ok 1 - {rules} rules give the same {DATES} dates (seed {seed})")
    wrong = [(line, answer, date) for (line, date), answer in zip(afters, ours([line for line, _ in afters])) if answer != [date]]
    for line, answer, date in wrong[:20]:
        print(f"# after: {line}\n#   ours   {answer}\n#   theirs {date}")
    print(f"{'not ' * bool(wrong)}ok 2 - the date after any of {len(afters)} is found without those before it")
    print("1..2")
    return bool(different or wrong)


sys.exit(main())
