"""The command that shows past reports from the store, in every format."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.report import list_reports, show_report
from maintainer.errors import ConfigError, DeliveryFailed
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry, packed
from maintainer.render.document import as_json, document
from maintainer.render.formats import FORMATS
from maintainer.render.terminal import terminal
from maintainer.render.words import load
from maintainer.settings import Settings
from maintainer.settings import load as load_settings
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from tests.cli.test_cli import COMMAND
from tests.render.sample_report import report
from tests.store.entries import entry
from tests.store.in_cluster import InCluster

Show = Callable[..., tuple[int, str, str]]
WORDED = {language: document(report(), load(language)) for language in ("en", "ko")}


def kept(period: str = "2026-10", language: str = "en", **given: Any) -> Entry:
    """An entry that keeps a report in the language."""
    return entry(period, report=packed(as_json(WORDED[language])), **given)


def remember(folder: Path, entries: Iterable[Entry]) -> None:
    Memory(DirectoryStore(str(folder / "store")), LEDGER, "ledger").add(entries)


def settings(folder: Path, **more: str) -> Settings:
    return load_settings("", {}, {"store.kind": "directory", "store.path": str(folder / "store"), **more})


@pytest.fixture
def show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Show:
    """Shows a report of the store in ``tmp_path``: the exit code, and what was printed on stdout and stderr."""

    def call(*words: str, format_: str = "text", output: str = "-", cluster: str = "") -> tuple[int, str, str]:
        given = settings(tmp_path, **{"cluster.name": cluster} if cluster else {})
        code = show_report(words, given, KnownSecrets(()), format_=format_, output=output)
        return (code, *capsys.readouterr())

    return call


def test_a_report_is_shown_as_it_was_in_every_format(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept()])
    catalogue = load("en")

    code, shown, told = show("2026-10")
    assert (code, told) == (0, "")
    assert shown.startswith(
        "Argo Rollouts monitoring, October 2026\nCluster: management\nPeriod: 2026-10 · 2026-10-01 to 2026-10-31\n"
    )
    assert shown.endswith(f"\n\n{terminal(WORDED['en'], catalogue, width=100, colour=False)}")
    for format_, render in FORMATS.items():
        assert show("monthly", "latest", format_=format_) == (0, render(WORDED["en"], catalogue), "")


def test_a_report_is_shown_in_the_language_in_which_it_was_written(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept(language="ko")])

    assert show("latest", format_="md")[1] == FORMATS["md"](WORDED["ko"], load("ko"))


def test_a_report_is_written_to_a_file_or_under_its_usual_name_to_a_folder(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept()])
    file, folder = tmp_path / "october.html", tmp_path / "new"
    usual = "monthly-management-2026-11-01"

    assert show("latest", format_="html", output=str(file)) == (0, f"{file}\n", "")
    assert file.read_text("utf-8") == FORMATS["html"](WORDED["en"], load("en"))
    assert show("latest", format_="json", output=str(tmp_path)) == (0, f"{tmp_path}/{usual}.json\n", "")
    assert show("latest", output=f"{folder}/") == (0, f"{folder}/{usual}.txt\n", "")
    assert (folder / f"{usual}.txt").read_text("utf-8") == show("latest")[1]


def test_a_file_that_cannot_be_written_is_a_failed_delivery(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept()])

    with pytest.raises(DeliveryFailed, match=r"cannot write the report to .*/store/ledger.jsonl.gz \("):
        show("latest", output=str(tmp_path / "store" / "ledger.jsonl.gz" / "report.html"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2026-12",), "there is no report of 2026-12 in .*; it has monthly 2026-10 of production"),
        (("quarterly", "2026-10"), "there is no report of quarterly 2026-10 in "),
        (("2026-10-31",), "there is no report of 2026-10-31 in "),
        (("2026-09",), "there is no report of 2026-09 in "),
        (("monthly", "2026-10", "2026-11"), "name one report by a job and a period"),
    ],
)
def test_what_there_is_not_is_wrong_usage_that_says_what_there_is(
    show: Show, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    remember(tmp_path, [kept(), entry("2026-09", result="missed", minutes=-9)])

    with pytest.raises(ConfigError, match=said):
        show(*words)


def test_a_store_without_reports_says_how_they_are_kept(show: Show) -> None:
    with pytest.raises(ConfigError, match="it keeps none yet; run with --record"):
        show("latest")


def test_only_the_newest_of_many_reports_are_named(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept(f"2025-{month:02}", minutes=month) for month in range(1, 13)])

    with pytest.raises(
        ConfigError, match=r"it has monthly 2025-03 of .* monthly 2025-12 of production and 2 older ones$"
    ):
        show("2024-01")


def test_of_several_reports_the_choice_is_left_to_the_reader(show: Show, tmp_path: Path) -> None:
    other = {**WORDED["en"], "cluster": "staging"}
    staging = replace(kept(cluster="staging"), report=packed(as_json(other)))
    remember(tmp_path, [kept(), kept(job="quarterly", minutes=1), staging])

    with pytest.raises(
        ConfigError, match="monthly 2026-10 is in several clusters: monthly 2026-10 of production, monthly"
    ):
        show("monthly", "2026-10")
    with pytest.raises(ConfigError, match=r"2026-10 can be each of monthly .*, quarterly .*; name the job before it"):
        show("2026-10", cluster="production")
    assert json.loads(show("monthly", "2026-10", format_="json", cluster="staging")[1])["cluster"] == "staging"


def test_the_store_of_a_cluster_has_its_reports_under_whichever_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = InCluster(tmp_path)
    with ExitStack() as ended:
        ended.callback(world.stop)
        Memory(world.store(), LEDGER, "ledger").add([kept()])
        flags = {"store.kind": "configmaps", "cluster.name": "mine", "cluster.kubeconfig": str(tmp_path / "kubeconfig")}
        given = load_settings("", {}, flags)
        code = show_report(["latest"], given, KnownSecrets(()), format_="json", output="-")

    assert (code, json.loads(capsys.readouterr().out)) == (0, WORDED["en"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8bnonsense", "cannot be shown: it is damaged"),
        (packed('{"schema": "maintainer.report/v2"}'), "cannot be shown: its schema is 'maintainer.report/v2', and"),
    ],
)
def test_a_report_that_is_damaged_or_newer_is_exit_code_3(
    show: Show, tmp_path: Path, content: bytes, said: str
) -> None:
    remember(tmp_path, [entry("2026-10", report=content)])
    code, shown, told = show("latest", format_="json")

    assert (code, shown) == (3, "")
    assert told.startswith("maintainer: the report monthly 2026-10 of production in ")
    assert said in told


def test_a_report_that_may_be_in_what_cannot_be_read_is_exit_code_3(show: Show, tmp_path: Path) -> None:
    remember(tmp_path, [kept()])
    (tmp_path / "store" / "ledger.jsonl.gz").write_bytes(b"nonsense")
    code, shown, told = show("latest")

    assert (code, shown) == (3, "")
    assert "The document ledger in " in told
    assert "no report of latest is in what could be read" in told


def test_the_reports_that_can_be_shown_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list_reports(settings(tmp_path), KnownSecrets(()), format_="text") == 0
    assert capsys.readouterr().out.startswith("no report is kept in ")

    remember(tmp_path, [kept("2026-11", minutes=1), kept(), entry("2026-11-01", job="sample", minutes=2)])
    assert list_reports(settings(tmp_path), KnownSecrets(()), format_="text") == 0
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["production", "monthly", "2026-10"],
        ["production", "monthly", "2026-11"],
    ]
    assert list_reports(settings(tmp_path), KnownSecrets(()), format_="json") == 0
    assert json.loads(capsys.readouterr().out)["reports"][0] == {
        "cluster": "production",
        "job": "monthly",
        "period": "2026-10",
        "result": "done",
        "at": "2026-11-01T12:00:00+09:00",
        "verdict": "ok",
        "findings": 0,
        "figures": {"rollouts.figure-0": 0},
    }


def test_the_command_takes_its_own_formats_and_file(tmp_path: Path) -> None:
    remember(tmp_path, [kept()])
    store = {"MAINTAINER_STORE_KIND": "directory", "MAINTAINER_STORE_PATH": "store", "MAINTAINER_REPORTS_FORMATS": "md"}
    usual = {name: value for name, value in os.environ.items() if not name.startswith("MAINTAINER_")}
    done = subprocess.run(
        [COMMAND, "report", "show", "monthly", "2026-11-01", "--format", "html", "-o", "report.html"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
        env=usual | store,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "report.html\n", "")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")
