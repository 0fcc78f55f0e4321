"""Run one step in a process of its own and print its CPU time and its own peak memory."""

from __future__ import annotations

import multiprocessing
import resource
import time
from pathlib import Path


def resident_gib() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**3


def _child(pipe, work):
    before = resident_gib()
    start = time.process_time()
    result = work()
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    pipe.send((result, cpu, max(0.0, peak - before)))
    pipe.close()


def measured(name, work):
    """Return what the work returns; a process that dies is said to have died."""
    receive, send = multiprocessing.Pipe(duplex=False)
    # A fork sees the data that is already made, and its peak is counted from there.
    process = multiprocessing.get_context("fork").Process(target=_child, args=(send, work))
    process.start()
    send.close()
    try:
        result, cpu, peak = receive.recv()
    except EOFError:
        process.join()
        print(f"{name:52s} died with {process.exitcode}")
        return None
    process.join()
    print(f"{name:52s} {cpu:8.2f} s CPU   {peak:6.2f} GiB above start", flush=True)
    return result
