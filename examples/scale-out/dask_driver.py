#!/usr/bin/env python3
"""Sweeps under Dask: shards are tasks, and a task whose worker dies is given to another one.

    python3 examples/scale-out/dask_driver.py --work build/sweep --out merged.json -- \
        specs/detection/inspection.yamen --claim det_1 --over notice=0..3 --over shelf=1..4

Without `--scheduler` two worker processes are started on this machine; with it, the workers are those of a
Dask cluster that runs already and whose machines share the folder `--work`. Each task is a
`yamen sweep --shard I/N --resume WORK/shard-I.journal`. Journals outlive workers: whoever does a task next goes
on where the journal ends. Then the journals are merged; the result is that of a single process.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import threading
import time

import psutil
from dask.distributed import Client, LocalCluster, as_completed, get_worker

# Codes with which a shard has decided what there was to decide; see `yamen --help`.
DECIDED = {0, 1, 4}
# What `yamen` says of a journal that another process has open.
IN_USE = "is being written by another sweep"


def run_shard(yamen, sweep, number, shards, journal):
    """Runs in a worker: decides a shard, or what its journal lacks of it."""
    command = [yamen, "sweep", *sweep, "--shard", f"{number}/{shards}", "--resume", journal,
               "--jobs", "1", "--no-progress"]
    while True:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              check=False)
        # The process of a worker that died may still be at it; what it decides is in the journal.
        if IN_USE not in done.stderr:
            break
        time.sleep(0.2)
    if done.returncode not in DECIDED:
        raise RuntimeError(f"shard {number} ended with code {done.returncode}: {done.stderr}")
    return number, get_worker().name


def lines(journal):
    path = pathlib.Path(journal)
    return len(path.read_text().splitlines()) if path.exists() else 0


def kill_worker_of(client, task, journal, cells):
    """For tests: ends the worker of a task, and all that it started, once so many cells are decided."""
    pids = client.run(os.getpid)
    while lines(journal) <= cells and not task.done():
        time.sleep(0.002)
    for address, tasks in client.processing().items():
        if task.key in tasks:
            print(f"killing the worker of {journal}", file=sys.stderr)
            worker = psutil.Process(pids[address])
            for process in [worker, *worker.children(recursive=True)]:
                process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yamen", default="yamen", help="the program")
    parser.add_argument("--scheduler", help="the address of a Dask scheduler")
    parser.add_argument("--workers", type=int, default=2, help="how many to start without one")
    parser.add_argument("--shards", type=int, default=4, help="how many tasks")
    parser.add_argument("--retries", type=int, default=3, help="how often a task is tried again")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the journals")
    parser.add_argument("--out", required=True, help="where the merged report goes")
    parser.add_argument("--kill-one-after", type=int, help=argparse.SUPPRESS)
    parser.add_argument("sweep", nargs="+", help="what `yamen sweep` takes")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    journals = [str(options.work / f"shard-{n}.journal") for n in range(1, options.shards + 1)]
    if options.scheduler:
        with Client(options.scheduler) as client:
            decide(client, options, journals)
    else:
        with LocalCluster(n_workers=options.workers, threads_per_worker=1, processes=True,
                          dashboard_address=None) as cluster, Client(cluster) as client:
            decide(client, options, journals)
    merged = [options.yamen, "sweep", "merge", *journals, "-o", options.out]
    return subprocess.run(merged, check=False).returncode


def decide(client, options, journals):
    tasks = [client.submit(run_shard, options.yamen, options.sweep, number, options.shards, journal,
                           pure=False, retries=options.retries)
             for number, journal in enumerate(journals, 1)]
    if options.kill_one_after is not None:
        arguments = (client, tasks[0], journals[0], options.kill_one_after)
        threading.Thread(target=kill_worker_of, args=arguments, daemon=True).start()
    for _, (number, worker) in as_completed(tasks, with_results=True):
        print(f"shard {number} of {options.shards} was decided by worker {worker}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
