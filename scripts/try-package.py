#!/usr/bin/env python3
"""Installs the wheel, or unpacks the tarball, where nothing else is, and tries the program there.

    scripts/try-package.py wheel|tarball FOLDER

takes the package in FOLDER. The work behind `make try-wheel` and `make try-tarball`. The program runs
with an empty environment, in a folder that is not the repository's. It must verify an example with the
libz3 that came with it, and must not start with a libz3 of another version in its place. Only pip,
which fetches z3-solver, sees the environment.
"""

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def main():
    kind, packages = sys.argv[1], Path(sys.argv[2]).resolve()
    home = REPOSITORY / "build" / "try" / kind
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    program = {"wheel": install, "tarball": unpack}[kind](packages, home)
    example = shutil.copy(REPOSITORY / "examples" / "first.yamen", home)

    told = run(home, program, "doctor")
    library = Path(re.search(r"loaded from +(.*)", told).group(1))
    require(home in library.parents, f"libz3 was loaded from {library}")
    told = run(home, program, "verify", example)
    require("proved" in told and "refuted" in told, "no verdicts were printed")
    refuses_another_version(home, program, library)
    print(f"the {kind} works: {program}")


def install(packages, home):
    """In a fresh virtual environment, as `pip install yamen` would."""
    wheel = only(packages, "yamen-*.whl")
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
    pip = [home / "venv/bin/python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", wheel], check=True)
    return home / "venv/bin/yamen"


def unpack(packages, home):
    with tarfile.open(only(packages, "yamen-*.tar.gz")) as archive:
        archive.extractall(home)
    root = only(home, "yamen-*")
    for page in ("yamen.1", "yamen-verify.1"):
        require((root / "share/man/man1" / page).exists(), f"{page} is missing")
    completions = (root / "share/bash-completion/completions/yamen").read_text(encoding="utf-8")
    require("verify" in completions, "the completions do not know `verify`")
    return root / "bin/yamen"


def only(folder, pattern):
    found = sorted(folder.glob(pattern))
    require(len(found) == 1, f"{folder} holds {len(found)} of {pattern}")
    return found[0]


def run(home, program, *arguments):
    """What the program prints, which must be content."""
    done = subprocess.run([program, *arguments], env={}, cwd=home, capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    require(done.returncode == 0, f"`yamen {arguments[0]}` ended with {done.returncode}")
    return done.stdout


def refuses_another_version(home, program, library):
    """The loader asks for the version by name, so that a file of another name is not taken."""
    (library.parent / "libz3.so").unlink(missing_ok=True)
    aside = library.rename(library.parent / "libz3.so")
    done = subprocess.run([program, "doctor"], env={}, cwd=home, capture_output=True, text=True)
    aside.rename(library)
    require(done.returncode != 0 and library.name in done.stderr, "another libz3 was taken")


def require(holds, otherwise):
    if not holds:
        sys.exit(f"error: {otherwise}")


if __name__ == "__main__":
    main()
