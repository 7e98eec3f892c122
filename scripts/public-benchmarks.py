#!/usr/bin/env python3
"""Decide a folder of benchmarks with known verdicts, and print a table and the counts.

The folder holds files of another tool's format and `verdicts.csv` with the columns `file` and
`expected` (`safe` or `unsafe`). Every file is decided in a process of its own within a limit of
wall-clock time. Exits with 1 if a verdict is wrong.

    scripts/public-benchmarks.py FOLDER [--limit 30] [--jobs 1] [--only TEXT] [--yamen PROGRAM] [-- ARGUMENT …]
"""

import argparse
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What the verdict on a property says about the file as a whole.
WORDS = {"proved": "safe", "refuted": "unsafe"}


def decide(program, arguments, path, limit):
    """The answer (`safe`, `unsafe` or why there is none), the engine, and the seconds."""
    start = time.monotonic()
    command = [program, "verify", str(path), "--format", "json", "--no-progress",
               "--timeout", str(limit), *arguments]
    try:
        # A little more than the limit, so that the program can say why it stopped.
        run = subprocess.run(command, capture_output=True, text=True, timeout=limit + 10, check=False)
    except subprocess.TimeoutExpired:
        return "killed", "", time.monotonic() - start
    seconds = time.monotonic() - start
    try:
        entries = json.loads(run.stdout)["claims"]
    except (ValueError, KeyError):
        lines = (run.stderr or run.stdout).strip().splitlines()
        return (lines[0] if lines else f"exit code {run.returncode}"), "", seconds
    verdicts = {entry["verdict"] for entry in entries}
    engine = " ".join(sorted({entry.get("engine") or "" for entry in entries}))
    if run.returncode == 3:
        return "evidence failed", engine, seconds
    if verdicts == {"proved"}:
        return "safe", engine, seconds
    if "refuted" in verdicts:
        return "unsafe", engine, seconds
    reason = next((entry.get("reason") or "" for entry in entries), "")
    return f"unknown ({reason})", engine, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--limit", type=float, default=30, help="seconds for each file")
    parser.add_argument("--jobs", type=int, default=1, help="files at a time")
    parser.add_argument("--only", default="", help="files whose name contains this")
    parser.add_argument("--yamen", default=str(ROOT / "target" / "release" / "yamen"))
    parser.add_argument("arguments", nargs="*", help="passed on to `yamen verify`")
    options = parser.parse_args()

    with open(options.folder / "verdicts.csv", encoding="utf-8", newline="") as file:
        expected = {row["file"]: row["expected"] for row in csv.DictReader(file)}
    names = sorted(name for name in expected if options.only in name)
    right, wrong, late = 0, 0, 0
    width = min(72, max((len(name) for name in names), default=0))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = {name: pool.submit(decide, options.yamen, options.arguments, options.folder / name,
                                  options.limit) for name in names}
        for name in names:
            answer, engine, seconds = work[name].result()
            decided = answer in WORDS.values()
            mark = "right" if answer == expected[name] else "WRONG" if decided else "open"
            if mark == "right" and seconds > options.limit:
                mark, late = "late", late + 1
            right += mark == "right"
            wrong += mark == "WRONG"
            print(f"{name[-width:]:<{width}}  {expected[name]:<6}  {mark:<5}  {seconds:6.2f} s  "
                  f"{engine or '-':<12}  {'' if decided else answer}", flush=True)
    print(f"{right} of {len(names)} right, {wrong} wrong, {late} late, "
          f"{len(names) - right - wrong - late} open, within {options.limit:g} s each")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
