"""The command line: wrong usage, the version, and the help, which must load no SDK."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maintainer.schedule import JOBS
from tests.servers import commands
from tests.servers.commands import Done

COMMAND = str(Path(sys.executable).with_name("maintainer"))
SDKS = ("aiohttp", "apscheduler", "jinja2", "kubernetes", "msgspec", "prometheus_api_client", "promql_parser")
HEAVY = (*SDKS, "pydantic", "requests", "rich", "slack_sdk", "urllib3", "yaml")


def command(*words: str, folder: Path) -> Done:
    return commands.command(*words, folder=folder, environ=os.environ)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "maintainer: JOB is missing; maintainer run -h shows what there is\n"),
        (
            ["run", "yearly"],
            "maintainer: JOB must be one of 'monthly', 'quarterly', 'reconcile', 'semiannual', 'harvest', 'due', not "
            "'yearly'",
        ),
        (["run", "monthly", "--colour"], "there is no option --colour; did you mean --no-color? maintainer run -h"),
        (["run", "monthly", "--nmespace", "a"], "there is no option --nmespace; did you mean --namespace?"),
        (["run", "monthly", "-z"], "there is no option -z; maintainer run -h shows what there is"),
        (["run", "monthly", "--as"], "the option --as needs a value"),
        (["run", "monthly", "--quiet=1"], "the option --quiet takes no value"),
        (["run", "monthly", "x", "y"], "there are too many arguments: x y"),
        (["check"], "maintainer: there is no command check; maintainer -h shows what there is\n"),
        (["explan"], "there is no command explan; did you mean explain?"),
        (["lint"], "FILE… is missing"),
        (["lint", "--format", "x", "a"], "--format must be one of 'text', 'json', 'github', 'sarif', not 'x'"),
        (["run", "monthly", "--format", "pdf"], "must be 'html', 'md' or 'json'"),
        (["run", "monthly", "--fail-on", "maybe"], "must be 'error', 'warning' or 'never'"),
        (["run", "monthly", "--prometheus-url", "prometheus:9090"], "is no URL; write it as http://"),
        (["run", "monthly", "--output", "-"], "--output - prints one report, not 3; choose one"),
        (["run", "monthly", "--config", "none.yaml"], "cannot read the configuration none.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_explained_and_exits_with_2(words: list[str], message: str, tmp_path: Path) -> None:
    done = command(*words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.startswith("maintainer: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_shown(tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("maintainer ")


def test_every_job_with_a_report_can_be_run_by_hand(tmp_path: Path) -> None:
    text = command("run", "--help", folder=tmp_path).stdout

    assert all(job.name in text for job in JOBS if job.reports != "never")


def test_the_help_loads_no_sdk(tmp_path: Path) -> None:
    script = (
        "import json, sys\n"
        "from maintainer import cli\n"
        "sys.argv = ['maintainer', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert "Usage: maintainer" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_without_any_word_the_help_is_shown(tmp_path: Path) -> None:
    done = command(folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: maintainer ")


@pytest.mark.parametrize("words", ["run", "lint", "report show", "store import", "completion", "explain", "demo"])
def test_the_help_names_arguments_as_they_are_typed(words: str, tmp_path: Path) -> None:
    text = command(*words.split(), "-h", folder=tmp_path).stdout
    usage = text.splitlines()[0]

    assert usage.startswith(f"Usage: maintainer {words} [OPTIONS] ")
    assert not {*"{}<"}.intersection(usage)
    assert "..." not in usage
    assert "<str>" not in text
    assert "list[" not in text
