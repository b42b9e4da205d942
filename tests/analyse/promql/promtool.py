"""A real Prometheus as the judge."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory


def promtool(what: Sequence[str], content: object) -> str:
    """What promtool finds wrong with a file; "" for nothing."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "file.yaml"
        file.write_text(json.dumps(content), encoding="utf-8")
        command = ["promtool", *what, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
