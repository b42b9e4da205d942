"""What promtool says of files."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

PROMTOOL = f"{shutil.which('promtool')}"


def said_of(files: Mapping[str, str], folder: Path, promtool: str = PROMTOOL) -> str:
    """What promtool says of the files."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    test = next(name for name in files if name.endswith(".test.yml"))
    ran = subprocess.run([promtool, "test", "rules", test], cwd=folder, capture_output=True, check=False, text=True)
    return ran.stdout + ran.stderr
