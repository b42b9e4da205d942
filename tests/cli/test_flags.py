"""The options that people know from other commands, on the real command."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest
import typer
import yaml

from maintainer.cli import app
from maintainer.flags import OF_RECONCILE, settings_of
from maintainer.options import OPTIONS, WITHOUT_VALUE
from maintainer.progress import colours
from maintainer.settings import load, variables
from tests.servers.commands import Done, command
from tests.servers.scripted import Scripted, says

QUICKLY = ("--prometheus-url", "http://127.0.0.1:9", "--check", "pipeline/reload", "--format", "json")
"""A run that needs no more than a refused connection."""


@pytest.fixture
def api() -> Iterator[Scripted]:
    """A Kubernetes API that refuses everything."""
    with Scripted(says({"kind": "Status", "message": "no"}, status=401)) as server:
        yield server


def run(*words: str, folder: Path, **environ: str) -> Done:
    """The command with these variables only, and without a kubeconfig."""
    return command(*words, folder=folder, environ={"PATH": os.environ["PATH"], "HOME": str(folder), **environ})


@pytest.mark.parametrize("command", [(), ("run",), ("init",), ("demo",), ("lint",), ("explain",)], ids=str)
def test_h_is_help_on_every_command(command: tuple[str, ...], tmp_path: Path) -> None:
    short, long = run(*command, "-h", folder=tmp_path), run(*command, "--help", folder=tmp_path)

    assert short.returncode == 0
    assert short.stdout.startswith("Usage: maintainer")
    assert short.stdout == long.stdout


def test_every_option_has_a_setting_and_a_variable() -> None:
    assert set(OPTIONS.values()) <= set(variables().values())
    assert set(WITHOUT_VALUE) <= set(OPTIONS)


def test_every_option_of_run_and_serve_is_a_setting_or_chooses_the_file_of_the_settings(tmp_path: Path) -> None:
    helps = [run(command, "-h", folder=tmp_path).stdout.partition("Options:")[2] for command in ("run", "serve")]
    of_run, of_serve = (set(re.findall(r"--[a-z-]+", shown)) - {"--config", "--help"} for shown in helps)

    assert of_run == set(OPTIONS) - {"--listen"} | {"--period"}
    alone = {"--check", "--disk-size", "--fail-on", "--listen", "--no-color", "--record", "--wait-lock", *OF_RECONCILE}
    assert of_run ^ of_serve == alone | {"--period"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "json"], "'json' is a format, and this takes a folder; did you mean --format json?"),
        (["-o", "wide"], "--format knows html, md and json."),
        (["--check", "acuracy/*"], "no check is 'acuracy/*'; did you mean accuracy/*?"),
        (["-n", "Shop"], "the option --namespace: cluster.namespaces.0: 'Shop' is no name of a namespace"),
        (["--lang", "fr"], "the option --lang: reports.language: must be 'en' or 'ko'"),
        (["--log-format", "xml"], "the option --log-format: log.format: must be 'text' or 'json'"),
        (["-v", "-q"], "-v logs more and -q logs nothing: give one of them"),
        (["--kubeconfig", "none"], "none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_exit_code_2_and_writes_nothing(words: list[str], said: str, tmp_path: Path) -> None:
    done = run("run", "monthly", *words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def kubeconfig(folder: Path, url: str) -> str:
    """A kubeconfig in a file with a name of its own."""
    named = {"name": "a"}
    content = {
        "clusters": [{**named, "cluster": {"server": url}}],
        "users": [{**named, "user": {}}],
        "contexts": [{**named, "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }
    file = folder / "other.kubeconfig"
    file.write_text(yaml.safe_dump(content), "utf-8")
    return str(file)


def test_a_kubeconfig_a_namespace_and_a_user_are_those_of_the_requests(api: Scripted, tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, api.url)
    run("run", "monthly", *QUICKLY, "--kubeconfig", file, "-n", "shop", "-n", "bank", "--as", "bob", folder=tmp_path)

    assert {asked.headers["impersonate-user"] for asked in api.asked} == {"bob"}
    assert "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts" in {asked.path for asked in api.asked}


def test_a_chosen_check_is_all_that_the_report_speaks_of(api: Scripted, tmp_path: Path) -> None:
    done = run("run", "monthly", *QUICKLY, "--kubeconfig", kubeconfig(tmp_path, api.url), "-o", "-", folder=tmp_path)
    report = json.loads(done.stdout)

    assert done.returncode == 3
    assert {gap["check"] for gap in report["gaps"]} == {"pipeline/reload"}
    assert "pipeline/reload" not in report["notChosen"]
    assert "panel/value" in report["notChosen"]


def test_quiet_prints_the_paths_only(tmp_path: Path) -> None:
    done = run("run", "monthly", *QUICKLY, "-q", folder=tmp_path)

    assert done.stderr == ""
    assert [Path(line).suffix for line in done.stdout.splitlines()] == [".json"]


def test_without_a_terminal_the_log_is_of_short_lines(tmp_path: Path) -> None:
    done = run("run", "monthly", *QUICKLY, folder=tmp_path)

    assert re.fullmatch(r"maintainer: running monthly\nmaintainer: running monthly: done \(\d+\.\d s\)\n", done.stderr)


def test_json_lines_are_logged_where_they_are_asked_for(tmp_path: Path) -> None:
    flag = run("run", "monthly", *QUICKLY, "--log-format", "json", folder=tmp_path)
    variable = run("run", "monthly", *QUICKLY, folder=tmp_path, MAINTAINER_LOG_FORMAT="json")

    for done in (flag, variable):
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert [line["event"] for line in lines] == ["running monthly", "running monthly: done"]
        assert set(lines[-1]) == {"time", "level", "event", "seconds"}


def test_verbose_logs_each_request_without_its_parameters(api: Scripted, tmp_path: Path) -> None:
    done = run("run", "monthly", *QUICKLY, "--kubeconfig", kubeconfig(tmp_path, api.url), "-v", folder=tmp_path)

    assert "maintainer: GET /apis/argoproj.io/v1alpha1/rollouts: 401, " in done.stderr
    assert "limit=" not in done.stderr


def test_a_variable_that_is_nearly_a_setting_is_warned_of(tmp_path: Path) -> None:
    done = run("run", "monthly", *QUICKLY, "-q", folder=tmp_path, MAINTAINER_FAILON="error", MAINTAINER_PORT="tcp://x")

    assert done.stderr == (
        "maintainer: warning: the environment variable MAINTAINER_FAILON is no setting and is ignored; "
        "did you mean MAINTAINER_FAIL_ON?\n"
    )


@pytest.mark.parametrize(
    ("environ", "setting", "coloured"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "0"}, "auto", False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, "auto", True),
    ],
    ids=str,
)
def test_no_color_goes_before_force_color(environ: Mapping[str, str], setting: str, *, coloured: bool) -> None:
    assert colours(StringIO(), environ, setting=setting) == coloured


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("term", "coloured"), [("xterm", True), ("dumb", False)])
def test_a_terminal_gets_colours_unless_it_is_dumb(term: str, *, coloured: bool) -> None:
    assert colours(Terminal(), {"TERM": term}, setting="auto") == coloured
    assert not colours(Terminal(), {"TERM": term}, setting="never")
    assert not colours(Terminal(), {"TERM": term, "NO_COLOR": "1"}, setting="auto")


# Completion


def completed(*words: str, folder: Path) -> list[str]:
    """What bash is offered for the last of these words."""
    done = run(
        folder=folder,
        _MAINTAINER_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(("maintainer", *words)),
        COMP_CWORD=str(len(words)),
    )
    return done.stdout.split()


def test_the_shell_completes_commands_jobs_options_and_checks(tmp_path: Path) -> None:
    assert completed("ex", folder=tmp_path) == ["explain"]
    assert completed("run", "m", folder=tmp_path) == ["monthly"]
    assert "--kubeconfig" in completed("run", "monthly", "--ku", folder=tmp_path)
    assert completed("run", "monthly", "--check", "panel/", folder=tmp_path) == ["panel/*", "panel/value"]
    assert completed("explain", "label/", folder=tmp_path) == ["label/namespace"]


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o"), ("zsh", "#compdef maintainer"), ("fish", "complete --command")]
)
def test_the_script_of_each_shell_is_printed(shell: str, word: str, tmp_path: Path) -> None:
    done = run("completion", shell, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "_MAINTAINER_COMPLETE" in done.stdout
    assert word in done.stdout


@pytest.mark.parametrize(
    ("words", "mode", "plan"),
    [
        (("reconcile", "--apply"), "apply", ""),
        (("reconcile", "--apply", "--prune"), "apply", ""),
        (("--apply", "reconcile"), "apply", ""),
        (("reconcile", "--apply", "p.json"), "apply", "p.json"),
        (("reconcile", "--apply=p.json", "--prune"), "apply", "p.json"),
        (("--apply", "./reconcile", "reconcile"), "apply", "./reconcile"),
        (("reconcile", "--plan", "p.json"), "plan", "p.json"),
        (("reconcile", "--undo"), "undo", ""),
        (("reconcile",), "report", ""),
    ],
)
def test_apply_may_have_a_file_and_need_not(words: tuple[str, ...], mode: str, plan: str) -> None:
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined] # a group
    context = command.make_context("run", list(words))
    settings = load("", {}, settings_of(context)).reconcile
    assert (settings.mode, settings.plan) == (mode, plan)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("monthly", "--apply"), "--apply is for reconcile, not for monthly: maintainer run reconcile --apply"),
        (("due", "--undo"), "for the calendar, set reconcile.mode"),
        (("reconcile", "--apply", "--undo"), "--apply and --undo contradict each other"),
        (("reconcile", "--plan"), "the option --plan needs a value"),
        (("reconcile", "--prune"), "--prune changes nothing here: give --apply or --plan FILE"),
        pytest.param(("reconcile", "--undo", "--prune"), "give --apply in place of --undo", marks=pytest.mark.extended),
        pytest.param(
            ("reconcile", "--yes-delete-data"), "--yes-delete-data changes nothing here", marks=pytest.mark.extended
        ),
        pytest.param(
            ("reconcile", "--apply", "--check", "drift/changed"), "--apply needs all checks", marks=pytest.mark.extended
        ),
        pytest.param(
            ("reconcile", "--apply", "none.json"), "cannot read the plan none.json", marks=pytest.mark.extended
        ),
    ],
)
def test_what_restores_is_for_reconcile_alone(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ended = run("run", *words, folder=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr


@pytest.mark.extended
def test_the_calendar_neither_plans_nor_undoes(tmp_path: Path) -> None:
    ended = run("run", "due", folder=tmp_path, MAINTAINER_RECONCILE_MODE="undo")
    assert ended.returncode == 2
    assert "maintainer run reconcile --undo" in ended.stderr
