#!/usr/bin/env python3
"""Finds a libz3 that is new enough, or brings one: the work behind `make z3`.

The answer is always the same file, build/z3/lib/pkgconfig/z3.pc, which .cargo/config.toml makes
the only place the build looks at. It points either to a system libz3 (known to pkg-config, with
its headers) or to the one unpacked beside it from the pinned wheel in libz3-wheel.txt. Nothing is
installed outside the repository. Trusted: pip's check of the wheel's hash, and what the library
itself says of its version, which is asked before the file is written.

With --folder it prints nothing but the library's folder; with --pinned only the pinned wheel will do,
since that is what a wheel or a tarball of Yamen is linked with. Needs Python 3.9 or newer, and pip when
the wheel has to be fetched.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MINIMUM = (4, 13, 3)
REPOSITORY = Path(__file__).resolve().parent.parent
WHEEL = REPOSITORY / "scripts" / "libz3-wheel.txt"
HOME = REPOSITORY / "build" / "z3"
PKG_CONFIG_FILE = HOME / "lib" / "pkgconfig" / "z3.pc"
LIBRARY = "libz3.dylib" if sys.platform == "darwin" else "libz3.so"


def main():
    pinned_only = "--pinned" in sys.argv[1:]
    found = already_there(pinned_only)
    if found is None:
        found = (None if pinned_only else link_system()) or unpack_wheel()
        forget_old_link()
    version, folder = found
    print(folder if "--folder" in sys.argv[1:] else f"libz3 {dotted(version)} in {folder}")


def already_there(pinned_only):
    """The library that an earlier run has settled on, if it still stands."""
    if not PKG_CONFIG_FILE.exists():
        return None
    settled = PKG_CONFIG_FILE.read_text(encoding="utf-8")
    fields = dict(line.split("=", 1) for line in settled.splitlines() if "=" in line)
    folder = Path(fields.get("libdir", "").replace("${pcfiledir}", str(PKG_CONFIG_FILE.parent)))
    version = loaded_version(folder / LIBRARY)
    if version is None or version < MINIMUM or f"Version: {dotted(version)}" not in settled:
        return None
    if fields.get("pin") not in ((pinned(),) if pinned_only else (None, pinned())):
        return None
    return version, folder.resolve()


def link_system():
    """Points to the system's libz3 if pkg-config knows one that is new enough and has headers."""
    if shutil.which("pkg-config") is None:
        return None
    folder, headers = pkg_config("libdir"), pkg_config("includedir")
    if not folder or not headers or not (Path(headers) / "z3.h").exists():
        return None
    if HOME in Path(folder).resolve().parents:
        return None  # PKG_CONFIG_PATH names our own folder
    version = loaded_version(Path(folder) / LIBRARY)
    if version is None:
        return None
    if version < MINIMUM:
        print(f"libz3 {dotted(version)} in {folder} is older than {dotted(MINIMUM)}: left alone")
        return None
    shutil.rmtree(HOME, ignore_errors=True)
    write_pkg_config_file(HOME, version, folder, headers)
    return version, folder


def pkg_config(variable):
    asked = subprocess.run(
        ["pkg-config", f"--variable={variable}", "z3"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


def unpack_wheel():
    """Fetches the pinned wheel, checks its hash and its version, and unpacks it under build/z3."""
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME.parent) as scratch:
        fresh = Path(scratch) / "z3"
        with zipfile.ZipFile(download(Path(scratch))) as archive:
            members = [n for n in archive.namelist() if n.startswith(("z3/lib/", "z3/include/"))]
            archive.extractall(scratch, members)
        share_one_copy(fresh / "lib")
        supply_cxx_runtime(fresh / "lib")
        version = loaded_version(fresh / "lib" / LIBRARY)
        if version is None or version < MINIMUM:
            give_up("the libz3 of the wheel does not load on this machine")
        write_pkg_config_file(
            fresh, version, "${pcfiledir}/..", "${pcfiledir}/../../include", pinned()
        )
        shutil.rmtree(HOME, ignore_errors=True)
        fresh.rename(HOME)
    return version, HOME / "lib"


def download(scratch):
    print(f"fetching {pinned().split()[0]} (about 35 MB) with pip", flush=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "-r", str(WHEEL), "-d", str(scratch)]
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_REQUIRE_VIRTUALENV="0")
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        give_up("pip could not fetch the pinned wheel")
    wheels = list(scratch.glob("*.whl"))
    if len(wheels) != 1:
        give_up("pip did not leave exactly one wheel")
    return wheels[0]


def share_one_copy(folder):
    """A wheel cannot hold links, so it holds the library twice; keep the one with the full name."""
    for versioned in folder.glob(f"{LIBRARY}.*"):
        (folder / LIBRARY).unlink()
        (folder / LIBRARY).symlink_to(versioned.name)
        return


def supply_cxx_runtime(folder):
    """Lets the linker find libstdc++ where only its runtime is installed (no g++)."""
    if sys.platform != "linux" or shutil.which("cc") is None:
        return
    for name in ("libstdc++.so", "libstdc++.so.6"):
        asked = ["cc", f"-print-file-name={name}"]
        path = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        if os.path.isabs(path):
            if name.endswith(".6"):
                (folder / "libstdc++.so").symlink_to(path)
            return


def loaded_version(path):
    """What the library at `path` says of itself, or None if it cannot be loaded."""
    try:
        library = ctypes.CDLL(str(path))
        numbers = [ctypes.c_uint() for _ in range(4)]
        library.Z3_get_version(*map(ctypes.byref, numbers))
    except (OSError, AttributeError):
        return None
    return tuple(number.value for number in numbers[:3])


def write_pkg_config_file(home, version, folder, headers, pin=None):
    lines = [f"pin={pin}"] if pin else []
    lines += [
        f"libdir={folder}",
        f"includedir={headers}",
        "",
        "Name: z3",
        "Description: the libz3 that Yamen links; written by scripts/libz3.py",
        f"Version: {dotted(version)}",
        "Libs: -L${libdir} -lz3",
        "Cflags: -I${includedir}",
    ]
    path = home / PKG_CONFIG_FILE.relative_to(HOME)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def pinned():
    """The wheel's requirement on one line, hashes included: changes whenever the pin changes."""
    lines = WHEEL.read_text(encoding="utf-8").splitlines()
    return " ".join(line.strip(" \\") for line in lines if not line.startswith("#"))


def forget_old_link():
    """Cargo does not see that z3.pc changed, so drop what z3-sys concluded from the old one."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    if any(target.glob("*/build/z3-sys-*")):
        command = ["cargo", "clean", "--quiet", "--offline", "-p", "z3-sys"]
        subprocess.run(command, cwd=REPOSITORY, check=False)


def dotted(version):
    return ".".join(map(str, version))


def give_up(reason):
    sys.exit(
        f"error: {reason}.\n"
        f"Yamen needs libz3 {dotted(MINIMUM)} or newer. Either install one that pkg-config knows\n"
        "(with its headers) and run `make z3` again, or let Cargo build or fetch one:\n"
        "`cargo build --features vendored` (needs CMake 3.26 and GCC 13 or newer), or\n"
        "`cargo build --features gh-release` (fetches a release from GitHub)."
    )


if __name__ == "__main__":
    main()
