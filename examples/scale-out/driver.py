#!/usr/bin/env python3
"""Sweeps in several processes, with nothing but the standard library.

    python3 examples/scale-out/driver.py --shards 2 --work build/sweep --out merged.json -- \
        specs/detection/inspection.yamen --claim det_1 --over notice=0..3 --over shelf=1..4

Each shard is a `yamen sweep --shard I/N --resume WORK/shard-I.journal` in a process of its own. A process that is
ended by a signal, as when memory runs out, is started again and goes on where its journal ends. Then the
journals are merged; the result is the same as that of a single process.
"""

import argparse
import concurrent.futures
import pathlib
import signal
import subprocess
import sys
import time

# Codes with which a shard has decided what there was to decide; see `yamen --help`.
DECIDED = {0, 1, 4}


def lines(journal):
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def kill_after(process, journal, cells):
    """For tests: ends a process as soon as it has decided so many cells."""
    while process.poll() is None and lines(journal) <= cells:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)


def run_shard(number, options):
    journal = options.work / f"shard-{number}.journal"
    command = [options.yamen, "sweep", *options.sweep, "--shard", f"{number}/{options.shards}",
               "--resume", str(journal), "--jobs", "1", "--no-progress"]
    for attempt in range(1 + options.retries):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        if options.kill_one_after is not None and number == 1 and attempt == 0:
            kill_after(process, journal, options.kill_one_after)
        code = process.wait()
        if code >= 0:
            break
        print(f"shard {number} was ended by signal {-code}; resuming", file=sys.stderr)
    if code not in DECIDED:
        raise RuntimeError(f"shard {number} failed with code {code}")
    return journal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yamen", default="yamen", help="the program")
    parser.add_argument("--shards", type=int, default=2, help="how many processes")
    parser.add_argument("--retries", type=int, default=3, help="how often a shard is resumed")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the journals")
    parser.add_argument("--out", required=True, help="where the merged report goes")
    parser.add_argument("--kill-one-after", type=int, help=argparse.SUPPRESS)
    parser.add_argument("sweep", nargs="+", help="what `yamen sweep` takes")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.shards) as pool:
        numbers = range(1, options.shards + 1)
        journals = list(pool.map(lambda number: run_shard(number, options), numbers))
    merged = [options.yamen, "sweep", "merge", *map(str, journals), "-o", options.out]
    return subprocess.run(merged, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
