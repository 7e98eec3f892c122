#!/usr/bin/env python3
"""A solver for certificates in tests: SMT-LIB files put to the libz3 that the build found."""

import ctypes
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def main():
    if sys.argv[1] == "--version":
        return
    finder = [sys.executable, str(REPOSITORY / "scripts" / "libz3.py"), "--folder"]
    folder = subprocess.run(finder, capture_output=True, text=True, check=True).stdout.strip()
    name = "libz3.dylib" if sys.platform == "darwin" else "libz3.so"
    z3 = ctypes.CDLL(str(Path(folder) / name))
    z3.Z3_mk_config.restype = ctypes.c_void_p
    z3.Z3_mk_context.restype = ctypes.c_void_p
    z3.Z3_mk_context.argtypes = [ctypes.c_void_p]
    z3.Z3_eval_smtlib2_string.restype = ctypes.c_char_p
    z3.Z3_eval_smtlib2_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    context = z3.Z3_mk_context(z3.Z3_mk_config())
    text = Path(sys.argv[1]).read_bytes()
    print(z3.Z3_eval_smtlib2_string(context, text).decode(), end="")


main()
