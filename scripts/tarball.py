#!/usr/bin/env python3
"""Packs the program with its libz3, completions and manual pages: the work behind `make tarball`.

    scripts/tarball.py WHEEL-FOLDER FOLDER

takes the program out of the wheel and writes FOLDER/yamen-VERSION-MACHINE.tar.gz. The program finds `../lib` by its run path (build.rs), so
the tarball works wherever it is unpacked. The same files give the same bytes. Trusted: the program,
which is run to write its completions and pages; libz3 is the one it says it has loaded.
"""

import gzip
import io
import platform
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
COMPLETIONS = {
    "bash": "share/bash-completion/completions/yamen",
    "zsh": "share/zsh/site-functions/_yamen",
    "fish": "share/fish/vendor_completions.d/yamen.fish",
}
LICENCES = {
    "LICENSE-APACHE": "LICENSE-APACHE",
    "LICENSE-MIT": "LICENSE-MIT",
    "scripts/z3-licence.txt": "LICENSE-Z3",
}


def main():
    out = Path(sys.argv[2])
    program = taken_out(Path(sys.argv[1]), REPOSITORY / "build" / "program")
    library = Path(subprocess.check_output([sys.executable, "scripts/libz3.py", "--folder", "--pinned"],
                                           cwd=REPOSITORY, text=True).strip())
    name = f"yamen-{version(program, library)}-{platform.machine()}-{sys.platform}"
    contents = {"bin/yamen": program.read_bytes(), **libraries(library)}
    for shell, path in COMPLETIONS.items():
        contents[path] = ask(program, library, "completions", shell)
    contents |= manual(program, library)
    contents |= {into: (REPOSITORY / path).read_bytes() for path, into in LICENCES.items()}
    out.mkdir(parents=True, exist_ok=True)
    write(out / f"{name}.tar.gz", name, contents)


def taken_out(wheels, folder):
    """The program of the only wheel in a folder."""
    (wheel,) = wheels.glob("yamen-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".data/scripts/yamen")]
        program = Path(archive.extract(name, folder)).resolve()
    program.chmod(0o755)
    return program


def ask(program, library, *arguments):
    """What the program prints; where it stands now, nothing but the environment leads to libz3."""
    variable = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    return subprocess.check_output([program, *arguments], env={variable: str(library)})


def version(program, library):
    return ask(program, library, "--version").decode().split()[1]


def libraries(folder):
    """libz3 under the name that the program asks the loader for, which has the version in it."""
    found = [path for path in folder.glob("libz3.*") if not path.is_symlink()]
    if len(found) != 1:
        sys.exit(f"error: {folder} does not hold exactly one libz3: delete build/z3 and `make z3`")
    return {f"lib/{found[0].name}": found[0].read_bytes()}


def manual(program, library):
    """The page of every verb."""
    pages = REPOSITORY / "build" / "man"
    ask(program, library, "man", "--out", str(pages))
    return {f"share/man/man1/{page.name}": page.read_bytes() for page in pages.glob("*.1")}


def write(path, root, contents):
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        for name, content in sorted(contents.items()):
            entry = tarfile.TarInfo(f"{root}/{name}")
            entry.size, entry.mode = len(content), 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(entry, io.BytesIO(content))
    path.write_bytes(gzip.compress(tarred.getvalue(), mtime=0))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
