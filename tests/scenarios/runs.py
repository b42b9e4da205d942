"""Runs of the real command, and what became of them."""

import html
import json
import os
import shlex
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.render.valid import valid_json
from tests.servers.commands import Done, command

COMMAND = Path(sys.executable).with_name("maintainer")
ACCURACY = frozenset({
    "accuracy/meaning", "accuracy/phase", "accuracy/replicas", "accuracy/strategy", "controller/stale-cache",
})  # fmt: skip
AGAINST_API = ACCURACY | {"coverage/ghost", "coverage/missing"}
SERIES = frozenset({"coverage/duplicate", "label/namespace"})
ANSWERS = frozenset({"panel/value", "query/error", "query/no-data"})
QUERIES = frozenset({
    "query/always-true", "query/dead-selector", "query/deprecated", "query/error", "query/no-data",
    "query/unknown-label", "query/unknown-metric",
})  # fmt: skip
OF_SCRAPES = AGAINST_API | SERIES | ANSWERS | {
    "coverage/unwatched", "pipeline/emitter", "pipeline/scrape", "pipeline/service", "pipeline/target",
}  # fmt: skip
"""What needs one scrape that can be compared with."""
ALL = OF_SCRAPES | QUERIES | {
    "pipeline/alertmanager", "pipeline/rbac", "pipeline/reload", "pipeline/rules-loaded", "pipeline/version",
}  # fmt: skip
"""What needs Prometheus: everything but what is asked of the API alone."""
OF_ROLLOUTS = AGAINST_API | {"coverage/unwatched", "panel/value", "pipeline/emitter"}
"""What needs the list of the Rollouts."""
OF_CLUSTER = OF_ROLLOUTS | QUERIES | {
    "pipeline/dashboard", "pipeline/endpoints", "pipeline/rbac", "pipeline/rules-loaded", "pipeline/selected",
    "pipeline/service", "pipeline/version",
}  # fmt: skip
"""What needs the API."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over."""

    code: int
    out: str
    err: str
    texts: Mapping[str, str]

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        report: dict[str, Any] = json.loads(self.texts["json"])
        return report

    @property
    def figures(self) -> dict[str, int]:
        """The report's figures."""
        figures: dict[str, int] = self.report["figures"]
        return figures

    @property
    def found(self) -> set[str]:
        """The checks that have findings."""
        return {finding["check"] for finding in self.report["findings"]}

    def gaps(self) -> dict[str, set[str]]:
        """Each gap's reason with the checks that it keeps from running."""
        reasons: dict[str, set[str]] = {}
        for gap in self.report["gaps"]:
            reasons.setdefault(gap["reason"], set()).add(gap["check"])
        return reasons


def monthly(environ: Mapping[str, str], folder: Path, *flags: str) -> Ended:
    """``maintainer run monthly`` with nothing in its environment but this; its reports are in ``folder/out``."""
    folder.mkdir(exist_ok=True)
    whole = {"PATH": os.environ["PATH"], "HOME": str(folder), **environ}
    flags = ("--output", str(folder / "out"), *flags)
    ran = command("run", "monthly", *flags, folder=folder, environ=whole)
    texts = {file.suffix[1:]: file.read_text("utf-8") for file in (folder / "out").glob("monthly-*")}
    ended = Ended(ran.returncode, ran.stdout, ran.stderr, texts)
    if "json" in texts:
        valid_json(texts["json"])
    for text in (ended.out, ended.err, *texts.values()):
        assert "Traceback" not in text, text
        assert "fault of this program" not in text, text
    return ended


def typed(line: str, folder: Path, environ: Mapping[str, str]) -> Done:
    """A line that the command has printed, typed in the folder with nothing in the environment but this."""
    name, *words = shlex.split(line)
    assert name == COMMAND.name, line
    whole = {"PATH": os.environ["PATH"], "HOME": str(folder), **environ}
    return command(*words, folder=folder, environ=whole)


def assert_incomplete(ended: Ended, *said: str, checks: Collection[str] | None = None) -> None:
    """The run could not look at something, says what in every report, and nothing of it passes for fine.

    One gap's reason holds every text of ``said`` and, where given, stands for exactly these ``checks``.
    """
    assert ended.code == 3, (ended.code, ended.err)
    assert ended.texts.keys() == {"html", "md", "json"}
    report = ended.report
    assert report["complete"] is False
    assert report["verdict"] == ("findings" if report["findings"] else "incomplete")
    fitting = [reason for reason in ended.gaps() if all(text in reason for text in said)]
    assert len(fitting) == 1, ended.gaps()
    if checks is not None:
        assert ended.gaps()[fitting[0]] == set(checks)
    words = " ".join(fitting[0].split())
    assert words in " ".join(html.unescape(ended.texts["html"]).split())
    assert _letters(words) in _letters(ended.texts["md"])
    assert _letters(words) in _letters(ended.out)


def assert_refused(ended: Ended, said: str) -> None:
    """Wrong usage: exit 2 with the reason, and no report."""
    assert ended.code == 2, ended.err
    assert said in ended.err
    assert ended.texts == {}


def _letters(text: str) -> str:
    """Without what Markdown escapes and a terminal's width breaks."""
    return "".join(letter for letter in html.unescape(text) if letter.isalnum())
