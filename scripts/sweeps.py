#!/usr/bin/env python3
"""Sweeps of specs/boundaries.toml for the phase diagrams of a report.

Each is written as FOLDER/CLAIM.json, as `yamen sweep --format json` has it, for `yamen report --sweeps FOLDER`.
A sweep that takes longer than the budget is stopped and left out: the report is then without that picture.

Usage: sweeps.py FOLDER [--yamen PROGRAM] [--seconds N]
"""

import argparse
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def command(program: str, sweep: dict, out: pathlib.Path) -> list[str]:
    """The command line of a sweep."""
    words = [program, "sweep", sweep["file"], "--claim", sweep["claim"], "--no-progress"]
    for option in ("over", "set"):
        for value in sweep.get(option, []):
            words += [f"--{option}", value]
    return words + ["--format", "json", "--out", str(out)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--yamen", default=str(ROOT / "target/release/yamen"))
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    done = 0
    sweeps = tomllib.loads((ROOT / "specs/boundaries.toml").read_text())["sweep"]
    for sweep in sweeps:
        out = folder / f"{sweep['claim']}.json"
        # Not `.json` before it is whole, so that a report never reads half of one.
        part = out.with_suffix(".part")
        try:
            words = command(asked.yamen, sweep, part)
            ended = subprocess.run(words, cwd=ROOT, timeout=asked.seconds, check=False)
        except subprocess.TimeoutExpired:
            print(f"{sweep['claim']}: left out after {asked.seconds:g} s", file=sys.stderr)
            part.unlink(missing_ok=True)
            continue
        # 0 and 1 are verdicts, expected or not; 4 is undecided cells, which are drawn as such.
        if ended.returncode not in (0, 1, 4):
            return ended.returncode or 3
        part.rename(out)
        done += 1
    print(f"{done} of {len(sweeps)} sweeps in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
