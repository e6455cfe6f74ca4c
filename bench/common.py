"""What every bench shares: where and on what it ran, medians, and the JSON object of its last line."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def machine() -> str:
    """Return processor, cores and memory of this machine in one line."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    cores = sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{model}, {cores} cores, {memory_kib // 1024**2} GiB, Linux {platform.release()}"


def commit() -> str:
    """Return the commit that runs, with a plus where files differ from it."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder on the disk of the clone (or in BENCH_DIR) and remove it."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=os.environ.get("BENCH_DIR", str(ROOT))) as folder:
        yield Path(folder)


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the arguments that every bench takes."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    made.add_argument("--runs", type=int, default=5, help="runs of which the median counts (default 5)")
    return made


def say(text: str) -> None:
    """Print what people read while a bench runs."""
    print(text, file=sys.stderr, flush=True)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of ordered values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def finish(arguments: argparse.Namespace, bench: str, value: float, unit: str, **facts: Any) -> None:
    """Print the outcome: a line for people, or one JSON object."""
    result = {"bench": bench, "value": value, "unit": unit, "machine": machine(), "commit": commit(), **facts}
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{bench}: {value:,.6g} {unit}")
    for key, fact in facts.items():
        print(f"  {key}: {fact}")
