"""`maintainer demo` in a process of its own, what it prints, and the processes below it."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60
COMMAND = str(Path(sys.executable).with_name("maintainer"))


@contextmanager
def started(*words: str, output: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a process group of its own, as a shell starts it."""
    demo = subprocess.Popen(
        [COMMAND, "demo", *words, "--output", str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.wait()
        assert demo.stdout
        demo.stdout.close()


def read_until(demo: subprocess.Popen[str], words: str) -> Sequence[str]:
    """The lines that the demo prints up to the one with these words."""
    assert demo.stdout
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"{words!r} was never printed:\n{''.join(lines)}")
