"""Runs of the real command with a configuration, a kubeconfig or a folder that cannot be used."""

from pathlib import Path

import pytest

from maintainer.sandbox.world import World
from tests.scenarios.runs import OF_CLUSTER, assert_incomplete, assert_refused, monthly

pytestmark = pytest.mark.extended


def test_a_context_that_is_not_there_is_refused_with_the_others(twice: World, tmp_path: Path) -> None:
    ended = monthly(twice.environment(), tmp_path, "--context", "staging")

    assert_refused(ended, "The context staging is not in")
    assert "which has: sandbox. Give one of these with --context." in ended.err


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no "), ("clusters: [", "line 1, column")],
    ids=["missing", "broken"],
)
def test_a_kubeconfig_that_is_named_and_cannot_be_used_is_refused(
    twice: World, text: str | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text, "utf-8")

    ended = monthly({**twice.environment(), "KUBECONFIG": str(file)}, tmp_path)

    assert_refused(ended, said)
    assert str(file) in ended.err


def test_a_kubeconfig_that_nobody_named_is_a_gap(twice: World, tmp_path: Path) -> None:
    environ = {name: value for name, value in twice.environment().items() if name != "KUBECONFIG"}
    ended = monthly(environ, tmp_path)

    assert_incomplete(ended, "there is no ", str(tmp_path / ".kube" / "config"), "Set KUBECONFIG", checks=OF_CLUSTER)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


WRONG = {
    "unknown-key": ("prometheus:\n  adress: http://a", "unknown key prometheus.adress", 2),
    "duration": ("cluster: {}\nprometheus:\n  timeout: fast", "'fast' is not a duration", 3),
    "url": ("prometheus:\n  url: prometheus.monitoring:9090", "this is no URL; write it as http://", 2),
    "url-of-no-host": ('prometheus:\n  url: "http://[::1"', "is no URL", 2),
    "url-with-a-blank": ('prometheus:\n  url: "http://exa mple"', "is no URL", 2),
    "url-with-a-password": ('prometheus:\n  url: "http://u:hush@a"', "must not hold a name or password", 2),
    "no-format": ("reports:\n  formats: []", "must not be empty, such as [html, json]", 2),
    "matcher": ("prometheus:\n  matchers:\n    - cluster=a", "'cluster=a' is no label matcher", 3),
    "header": ("prometheus:\n  headers: {X-Scope-OrgID: 팀}", "HTTP cannot carry 'X-Scope-OrgID'", 0),
}


@pytest.mark.parametrize(("text", "said", "line"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_refused_with_its_line(text: str, said: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text, "utf-8")

    ended = monthly({}, tmp_path, "--config", str(file))

    assert_refused(ended, said)
    assert f"{file}, line {line}: " in ended.err or not line


def test_a_folder_that_cannot_be_written_is_exit_code_4_and_the_report_is_saved(twice: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "reports")

    ended = monthly(twice.environment() | {"TMPDIR": str(tmp_path)}, tmp_path, "--output", folder)

    assert ended.code == 4
    assert f"cannot write the report to {folder} (Not a directory); give another --output DIR" in ended.err
    assert "panels mislead" in ended.out
    saved = sorted(path.suffix for path in tmp_path.glob("maintainer-*/monthly-*"))
    assert saved == [".html", ".json", ".md"]


def test_a_report_of_chosen_checks_has_nothing_of_the_others(twice: World, tmp_path: Path) -> None:
    chosen = monthly(twice.environment(), tmp_path, "--check", "pipeline/*", "--check", "coverage/duplicate")

    assert chosen.found == {"coverage/duplicate"}
    assert "panel/value" in chosen.report["notChosen"]
    assert "alerts.asked" not in chosen.figures
    assert "Queries" not in chosen.texts["md"]
