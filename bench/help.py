"""Measures the time of `maintainer --help` as a ratio to the time of `python -c pass`, run by run in turn."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
LIMIT = 15
"""The largest ratio that passes."""


def cost(command: list[str]) -> float:
    """The wall-clock seconds of the command."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Print the median of the ratios, and exit with 1 if it is above the limit."""
    baseline = [sys.executable, "-c", "pass"]
    measured = [str(Path(sys.executable).with_name("maintainer")), "--help"]
    ratio = statistics.median(cost(measured) / cost(baseline) for _ in range(RUNS))
    print(f"maintainer --help / python -c pass: {ratio:.1f} (at most {LIMIT})")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
