"""One measurement in a process of its own, so that its first call and its memory are its own.

A case is a function that gets everything ready and returns two more: the work that is timed, and
what to tell of its answer.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Case = tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]

REPEATS = 5


@dataclass(frozen=True)
class Measurement:
    """Seconds of the first call, median seconds of the calls after it, memory, and the answer."""

    cold: float
    warm: float
    peak_mb: float
    answer: dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """Median seconds, processor seconds and memory of whole processes, and the least and most."""

    seconds: float
    cpu: float
    peak_mb: float
    span: tuple[float, float]


def measure(case: str, *, repeats: int = REPEATS, **arguments: Any) -> Measurement:
    """Measure a case, named ``module.function``, in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.measure", case, str(repeats)]
    done = subprocess.run(
        [*command, json.dumps(arguments)], stdout=subprocess.PIPE, text=True, check=True
    )
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def measure_whole(commands: Mapping[str, list[str]], *, rounds: int = 3) -> dict[str, Whole]:
    """Run whole programs in turn, so that a slow minute of the machine strikes all of them."""
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(_run(command))
    return {name: _median(of) for name, of in runs.items()}


def _run(command: list[str]) -> tuple[float, float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _median(runs: list[tuple[float, float, float]]) -> Whole:
    seconds, cpu, peak = ([run[i] for run in runs] for i in range(3))
    return Whole(
        statistics.median(seconds),
        statistics.median(cpu),
        statistics.median(peak),
        (min(seconds), max(seconds)),
    )


def _time_case(name: str, repeats: int, arguments: dict[str, Any]) -> Measurement:
    module, function = name.rsplit(".", 1)
    work, tell = getattr(import_module(f"benchmarks.{module}"), function)(**arguments)
    seconds = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    # in KiB on Linux; a process starts with its parent's, which therefore imports nothing large
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    warm = statistics.median(seconds[1:] or seconds)
    return Measurement(seconds[0], warm, peak_mb, tell(result))


if __name__ == "__main__":
    print(json.dumps(vars(_time_case(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])))))
