"""Measures the CPU time of `maintainer run due`, with nothing due, as a ratio to that of `python -c pass`, in turn.

The store is in the ConfigMaps of a simulated API server, which runs in this process, so that its time does not count.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

RUNS = 9
LIMIT = 100
"""The largest ratio that passes."""


def cost(command: list[str], environ: dict[str, str]) -> tuple[float, str]:
    """The CPU seconds of the command, and what it has printed on stderr."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environ, cwd=environ["HOME"], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr


def measured(folder: str) -> list[tuple[float, float]]:
    """The CPU seconds of both commands, run by run."""
    from maintainer.sandbox.api import ApiServer, kubeconfig
    from maintainer.sandbox.cluster import namespaces
    from maintainer.sandbox.store import Store

    store = Store()
    namespaces(store, ["maintainer"])
    api = ApiServer(store).start()
    config = Path(folder) / "kubeconfig"
    config.write_text(kubeconfig(api.url), "utf-8")
    environ = {"HOME": folder, "KUBECONFIG": str(config), "MAINTAINER_STORE_KIND": "configmaps"}
    environ["PATH"] = os.environ["PATH"]
    due, floor = [str(Path(sys.executable).with_name("maintainer")), "run", "due"], [sys.executable, "-c", "pass"]
    # The first run takes all turns, also where it finds neither Rollouts nor a Prometheus.
    cost(due, environ)
    try:
        runs = [(cost(due, environ), cost(floor, environ)) for _ in range(RUNS)]
    finally:
        api.stop()
    assert all("nothing is due" in said for (_, said), _ in runs), runs
    return [(spent, least) for (spent, _), (least, _) in runs]


def main() -> None:
    """Print the median of the ratios, and exit with 1 if it is above the limit."""
    with TemporaryDirectory() as folder:
        runs = measured(folder)
    ratio, seconds = median(due / floor for due, floor in runs), median(due for due, _ in runs)
    print(f"maintainer run due / python -c pass: {ratio:.1f} (at most {LIMIT}), {seconds:.2f} s of CPU")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
