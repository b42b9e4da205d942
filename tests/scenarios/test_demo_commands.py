"""Every command that the demo's report prints, pasted into a shell that has kubectl and curl."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.demos import read_until, started
from tests.scenarios.shown import SHOWS
from tests.servers.shell import pasted

pytestmark = pytest.mark.extended

COMMAND = re.compile(r"(?<![\w/.-])(?:kubectl|curl|promtool|amtool|helm|maintainer) [^,;.\n]*")
PROSE = {"kubectl shows Healthy": "what a reader sees in the status; it is no command"}
"""What begins like a command in a sentence of the report and is not for pasting, with the reason."""

PROXIED = "monitoring/prometheus"


@dataclass(frozen=True, slots=True)
class Kept:
    """A demo that keeps running: the lines that it says to type, and the folder of its reports and of the shell."""

    exports: str
    command: str
    folder: Path

    def paste(self, command: str) -> tuple[int, str]:
        """The exit code and the output of a command in a terminal with the demo's variables."""
        done = pasted(f"{self.exports}{command}", {}, home=self.folder)
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Its temporary files are in a folder whose name has to be quoted."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "it's temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "it's temporary"))
        with started("monthly", "--keep", output=folder / "demo") as demo:
            *lines, command = read_until(demo, "maintainer run monthly")
            yield Kept("".join(line for line in lines if line.startswith("export ")), command, folder)


def report(folder: Path) -> dict[str, Any]:
    """The only JSON report in the folder."""
    (file,) = folder.glob("monthly-*.json")
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def assert_shown(kept: Kept, findings: list[dict[str, Any]]) -> None:
    """Each line of each finding works, and what the lines print shows what the finding says."""
    for finding in findings:
        printed = [kept.paste(command) for command in finding["reproduce"].splitlines()]
        told = f"{finding['check']}: {finding['summary']}\n{finding['reproduce']}\n{printed}"
        assert {code for code, _ in printed} == {0}, told
        assert SHOWS[finding["check"]](finding, [output for _, output in printed]), told


def texts(value: Any) -> Iterator[str]:
    """All texts of a document but the commands of its findings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        inside = value if isinstance(value, list) else [item for name, item in value.items() if name != "reproduce"]
        for item in inside:
            yield from texts(item)


def test_every_command_of_the_demo_works_and_shows_what_its_finding_says(kept: Kept) -> None:
    findings = report(kept.folder / "demo")["findings"]

    assert {finding["check"] for finding in findings} == SHOWS.keys()
    assert {finding["reproduce"].partition(" ")[0] for finding in findings} == {"kubectl", "curl"}
    assert_shown(kept, findings)


def test_no_other_text_of_the_demo_begins_like_a_command(kept: Kept) -> None:
    """Such a text must work as well, or be listed with the reason why it is no command to paste."""
    found = {match[0].strip() for text in texts(report(kept.folder / "demo")) for match in COMMAND.finditer(text)}

    assert found == PROSE.keys()


def test_what_the_demo_says_to_type_makes_the_same_report(kept: Kept) -> None:
    code, output = kept.paste(kept.command)
    again = report(kept.folder / "reports" / "out")

    assert code == 0, output
    assert [finding["fingerprint"] for finding in again["findings"]] == [
        finding["fingerprint"] for finding in report(kept.folder / "demo")["findings"]
    ]


def test_the_commands_work_through_the_api_server_in_a_context(kept: Kept) -> None:
    """As for a cluster whose Prometheus can only be reached through the API server: nothing is asked with curl."""
    flags = f"--context sandbox --prometheus-service {PROXIED} --output proxied"
    code, output = kept.paste(f"unset MAINTAINER_PROMETHEUS_URL\n{kept.command.strip()} {flags}")
    findings = report(kept.folder / "proxied")["findings"]
    commands = [line for finding in findings for line in finding["reproduce"].splitlines()]

    assert code == 0, output
    assert {finding["check"] for finding in findings} == SHOWS.keys()
    assert [line for line in commands if not line.startswith("kubectl --context sandbox ")] == [
        line for line in commands if line.endswith("/api/v2/status")
    ]
    assert_shown(kept, findings)
