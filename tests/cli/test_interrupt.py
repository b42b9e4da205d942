"""Ctrl-C ends the command in silence with 130, also while Python imports its modules."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("maintainer"))
INTERRUPT_AN_IMPORT = """\
import os, signal, sys

class Interrupt:
    left = None

    def find_spec(self, name, path=None, target=None):
        if name == "maintainer.cli":
            self.left = {number}
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Interrupt())
"""


def interrupted(folder: Path, number: int, name: str, *, ignored: bool = False) -> subprocess.CompletedProcess[str]:
    """The command, which gets the signal at the import with this number; Python runs sitecustomize.py before it."""
    (folder / "sitecustomize.py").write_text(INTERRUPT_AN_IMPORT.format(number=number, signal=name))
    (folder / "rules.yml").write_text("groups: []")
    return subprocess.run(
        [COMMAND, "lint", "rules.yml"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignored else None,
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("number", [1, 2, 40, 150, 300])
def test_an_interrupt_of_an_import_ends_in_silence(tmp_path: Path, number: int, name: str) -> None:
    ended = interrupted(tmp_path, number, name)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_command_in_the_background_of_a_shell_is_not_interrupted(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, 40, "SIGINT", ignored=True)
    assert (ended.returncode, ended.stdout) == (0, "There is no query in 1 file.\n")
