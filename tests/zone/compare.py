#!/usr/bin/env python3
"""usage: compare.py PROGRAM [ZONE...]

Compares the library's time zones (compare.c) with Python's zoneinfo at every transition from 1970 to 2100: the seconds around
it, and wall times inside and beside what is skipped or comes twice. All zones, unless some are named. TAP.
"""
import datetime
import subprocess
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
FIRST, LAST = 0, 4102444800  # 1970 and 2100
STEP = 5 * 86400


def offset(zone, seconds):
    return int(datetime.datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset().total_seconds())


def transitions(zone):
    """The first second of each new offset. Two changes within five days that undo each other are not seen."""
    before = offset(zone, FIRST)
    for at in range(FIRST + STEP, LAST, STEP):
        after = offset(zone, at)
        if after == before:
            continue
        low, high = at - STEP, at
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
        yield high, before, after
        before = after


def instant(zone, wall):
    local = (EPOCH + datetime.timedelta(seconds=wall)).replace(tzinfo=zone)
    return int((local - datetime.datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def cases_of(name):
    zone = zoneinfo.ZoneInfo(name)
    for at, before, after in transitions(zone):
        for seconds in (at - 1, at, at + 1, at + 86400 * 40):
            yield f"{name} utc {seconds}", seconds + offset(zone, seconds)
        edges = {at + before, at + after}
        for wall in {edge + by for edge in edges for by in (-86400, -3600, -1, 0, 1, 1800, 3600, 86400)}:
            yield f"{name} wall {wall}", instant(zone, wall)


def main():
    names = sys.argv[2:] or sorted(zoneinfo.available_timezones())
    cases = [case for name in names for case in cases_of(name)]
    run = subprocess.run([sys.argv[1]], input="\n".join(line for line, _ in cases) + "\n", text=True,
                         stdout=subprocess.PIPE, check=True)
    found = [int(line) for line in run.stdout.split()]
    wrong = [(line, ours, theirs) for (line, theirs), ours in zip(cases, found) if ours != theirs]
    for line, ours, theirs in wrong[:20]:
        print(f"# {line}: ours {ours}, zoneinfo {theirs}")
    same = not wrong and len(found) == len(cases)
    print(f"{'' if same else 'not '}ok 1 - {len(cases)} times of {len(names)} zones are those of zoneinfo\n1..1")
    return not same


sys.exit(main())
