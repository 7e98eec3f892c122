#!/usr/bin/env python3
"""Runs cvc5 on SMT-LIB files, from the pinned wheel in cvc5-wheel.txt: the other solver that
checks certificates.

The wheel is unpacked under build/cvc5 at first use; nothing is installed outside the repository.
Trusted: pip's check of the wheel's hash. cvc5's own program does as well: `yamen check-certificate
--solver cvc5`. With --version it makes sure of the wheel and prints the version.
"""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
WHEEL = REPOSITORY / "scripts" / "cvc5-wheel.txt"
HOME = REPOSITORY / "build" / "cvc5"
DONE = HOME / "pinned"


def main():
    make_sure()
    sys.path.insert(0, str(HOME))
    import cvc5  # found only now

    if sys.argv[1:] == ["--version"]:
        print(cvc5.__version__)
        return
    for path in sys.argv[1:]:
        run(cvc5, path)


def make_sure():
    """Unpacks the wheel unless the pinned one is there already."""
    pinned = WHEEL.read_text(encoding="utf-8")
    if DONE.exists() and DONE.read_text(encoding="utf-8") == pinned:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    pip += ["--only-binary", ":all:", "--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*pip, "--target", str(HOME), "-r", str(WHEEL)], check=True)
    DONE.write_text(pinned, encoding="utf-8")


def run(cvc5, path):
    """Answers the checks of a script, line by line."""
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, path)
    symbols = parser.getSymbolManager()
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return
        print(command.invoke(solver, symbols), end="", flush=True)


if __name__ == "__main__":
    main()
