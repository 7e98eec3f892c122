#!/usr/bin/env python3
"""Have other model checkers decide the exported claims, and compare their verdicts with ours.

Every claim below PATH is decided by `yamen verify`, written by `yamen export`, and given to each checker
that is there: AIGER to rIC3 and ABC's pdr, Horn clauses to Z3's Spacer, SMV to NuSMV. A checker that is
missing is told, and left out. Exits with 1 where a checker decides differently, 2 where nothing was compared.

    scripts/cross-check.py [PATH] [--limit 20] [--jobs 2] [--yamen PROGRAM] [--ric3 COMMAND]
                           [--abc COMMAND] [--spacer COMMAND] [--nusmv COMMAND]
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(command, limit):
    """What a command printed, or None if it took too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout + done.stderr


def ric3(command, path, limit):
    said = run([*command, "-e", "ic3", str(path)], limit) or ""
    return next(iter(re.findall(r"^result: (safe|unsafe)$", said, re.M)), None)


def abc(command, path, limit):
    # ABC takes latches without a first value as 0, silently, unless `undc` frees them.
    said = run([*command, "-c", f"read {path}; logic; undc; strash; fold; pdr"], limit) or ""
    if "Property proved" in said:
        return "safe"
    return "unsafe" if "was asserted in frame" in said else None


# Spacer as it comes, and ways of asking again where it does not end; the last finds long runs.
SPACERS = (
    [],
    ["fp.spacer.global=true"],
    ["fp.xform.inline_eager=false", "fp.xform.inline_linear=false", "fp.xform.slice=false"],
    ["fp.engine=bmc"],
)


def spacer(command, path, limit):
    for settings in SPACERS:
        words = (run([*command, f"-T:{limit}", *settings, str(path)], limit + 5) or "").split()
        said = {"sat": "safe", "unsat": "unsafe"}.get(words[0] if words else "")
        if said:
            return said
    return None


def nusmv(command, path, limit):
    said = re.findall(r"^-- .* is (true|false)$", run([*command, str(path)], limit) or "", re.M)
    if len(said) != 1:
        return None
    # A scenario is written as the claim that it cannot happen.
    return "safe" if said[0] == "true" else "unsafe"


CHECKERS = {"ric3": ("aig", ric3), "abc": ("aig", abc), "spacer": ("smt2", spacer), "nusmv": ("smv", nusmv)}
FORMATS = {"aig": "aiger", "smt2": "chc", "smv": "smv"}


def export(yamen, entry, ending, folder, settings=()):
    """The claim as a file in another format; None where that format cannot say it."""
    path = folder / f"{entry['institution']}-{entry['id']}{''.join(settings)}.{ending}"
    command = [yamen, "export", entry["file"], "--institution", entry["institution"], "--claim", entry["id"],
               "--to", FORMATS[ending], "-o", str(path), *(f"--set={setting}" for setting in settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return path if done.returncode == 0 else None


def compare(options, commands, folder, entry):
    """For each checker: what it says of the claim, and what we say."""
    ours = "unsafe" if entry["trace"] else "safe"
    files, said = {}, {}
    for checker, command in commands.items():
        ending, ask = CHECKERS[checker]
        if ending not in files:
            files[ending] = export(options.yamen, entry, ending, folder)
        if files[ending]:
            said[checker] = ask(command, files[ending], options.limit)
        if said.get(checker, "") is None and ours == "safe":
            said[checker] = at_a_value(options, command, ask, ending, folder, entry)
    return entry, ours, said


def at_a_value(options, command, ask, ending, folder, entry):
    """What a checker says where one open parameter is 2: products with it are linear then."""
    for name in re.findall(r"\w+", (entry.get("for_all") or "").split(" where ")[0]):
        path = export(options.yamen, entry, ending, folder, [f"{name}=2"])
        said = path and ask(command, path, options.limit)
        if said:
            return f"{said} at {name} = 2"
    return None


def compared(ours, theirs):
    """How two verdicts compare; one for all values implies that for one."""
    if theirs is None:
        return "open"
    if theirs == ours:
        return "agrees"
    return "partly" if theirs.startswith(f"{ours} at ") else "DISAGREES"


def is_comparable(entry):
    """Decided for one system; what has several cases has as many systems."""
    return (entry["kind"] != "defect" and entry["verdict"] in ("proved", "refuted")
            and not any("parameter values" in note for note in entry.get("notes", [])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", nargs="?", default=str(ROOT / "specs"))
    parser.add_argument("--limit", type=int, default=20, help="seconds for each checker and claim")
    parser.add_argument("--jobs", type=int, default=2, help="claims at a time")
    parser.add_argument("--yamen", default=str(ROOT / "target" / "release" / "yamen"))
    for checker, name in (("ric3", "rIC3"), ("abc", "berkeley-abc"), ("spacer", "z3"), ("nusmv", "NuSMV")):
        parser.add_argument(f"--{checker}", default=name)
    options = parser.parse_args()
    commands = {}
    for checker in CHECKERS:
        command = shlex.split(getattr(options, checker))
        if shutil.which(command[0]):
            commands[checker] = command
        else:
            print(f"{checker}: `{command[0]}` is not there, left out")
    verify = [options.yamen, "verify", options.path, "--format", "json", "--no-progress"]
    verified = subprocess.run(verify, stdout=subprocess.PIPE, text=True, check=False).stdout
    entries = [entry for entry in json.loads(verified)["claims"] if is_comparable(entry)]
    counts = {checker: collections.Counter() for checker in commands}
    wrong = False
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        ask = lambda entry: compare(options, commands, pathlib.Path(folder), entry)
        for entry, ours, said in pool.map(ask, entries):
            for checker, theirs in said.items():
                outcome = compared(ours, theirs)
                counts[checker][outcome] += 1
                wrong |= outcome == "DISAGREES"
                if outcome != "agrees":
                    print(f"{checker} {outcome}: {entry['file']} {entry['institution']}.{entry['id']}: ours {ours}, theirs {theirs}")
    print(f"{len(entries)} claims decided by yamen")
    for checker, count in counts.items():
        print(f"{checker:>8}: {count['agrees']} agree, {count['partly']} agree at a value of a parameter, "
              f"{count['DISAGREES']} disagree, {count['open']} open")
    if wrong:
        return 1
    return 0 if any(sum(count.values()) for count in counts.values()) else 2


if __name__ == "__main__":
    sys.exit(main())
