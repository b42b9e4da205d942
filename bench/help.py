"""What `maintainer --help` costs, as a ratio to `python -c pass` measured in turn with it."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
LIMIT = 15


def cost(command: list[str]) -> float:
    """Wall seconds of one process."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Print the median of the ratios, and fail where it is over the limit."""
    floor = [sys.executable, "-c", "pass"]
    asked = [str(Path(sys.executable).with_name("maintainer")), "--help"]
    ratio = statistics.median(cost(asked) / cost(floor) for _ in range(RUNS))
    print(f"maintainer --help / python -c pass: {ratio:.1f} (at most {LIMIT})")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
