"""Builders for queries and their remarks, and promtool."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from maintainer.analyse.queries.lint import remarks
from maintainer.model.contract import Release
from maintainer.model.queries import Asks, Place, Query, Remark

CURRENT = (1, 9, 2)
FAILED = 'phase=~"Timeout|Error|Abort|InvalidSpec"'


def query(text: str, asks: Asks = "alert", name: str = "query") -> Query:
    """A query as a rules file or a dashboard has it."""
    return Query(text, asks, name, Place("file.yaml"))


def remarked(text: str, asks: Asks = "alert", *, version: Release | None = CURRENT) -> tuple[Remark, ...]:
    """All remarks on a query."""
    return remarks([query(text, asks)], version=version)


def verdicts(found: Sequence[Remark]) -> list[str]:
    """Remarks in short: the check without its family, and what it is about."""
    return [f"{remark.check.removeprefix('query/')}: {remark.about}" for remark in found]


def promtool(what: Sequence[str], content: object) -> str:
    """The errors of promtool on a file; "" for none."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "file.yaml"
        file.write_text(json.dumps(content), encoding="utf-8")
        command = ["promtool", *what, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
