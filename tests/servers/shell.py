"""A shell into which a test pastes commands, with the kubectl of the virtual environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 60


def pasted(commands: str, environment: Mapping[str, str], *, home: Path) -> "subprocess.CompletedProcess[str]":
    """The lines, one after the other until one fails, with these variables; stderr is a part of the output.

    ``home`` is the folder where they run, and where kubectl keeps what it knows of a cluster.
    """
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["sh", "-ec", commands],  # noqa: S607 - the shell of this machine
        cwd=home,
        env={"PATH": programs, "HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
