"""Runs that post to Slack: what the ledger remembers of it, and what a later run does about what was left."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.machine import machine
from maintainer.errors import ConfigError
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry, packed
from maintainer.model.message import message
from maintainer.model.report import Acceptance, Action, Report, Resolved, Subject, UnusedAcceptance, Verdict
from maintainer.posting import is_told
from maintainer.runner import Outcome
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.slack import WEBHOOK, Fault, Slack
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.settings import Settings, load
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from tests.cli.test_cli import COMMAND
from tests.render.sample_report import GENERATED, finding, gap, report
from tests.runner.slack_run import FOUND, post
from tests.runner.test_due import Days, monthly
from tests.runner.test_remembering import entries
from tests.runner.test_run import REFUSED, concluding

pytestmark = pytest.mark.extended


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as opened:
        yield opened


def remembered(folder: Path) -> Entry:
    (entry,) = entries(DirectoryStore(str(folder / "store")))
    return entry


def names(slack: Slack) -> list[str]:
    (message,) = slack.posts
    return [Path(name).suffix for name in slack.thread(message.ts)]


def test_a_run_posts_its_report_and_remembers_where(slack: Slack, tmp_path: Path) -> None:
    outcome = post(tmp_path, slack.url)

    assert (outcome.exit_code, outcome.unposted) == (0, None)
    assert outcome.notes[-1] == "posted to Slack, #deployments: monthly, 2026-10"
    assert names(slack) == [".html", ".md"]
    assert {file.content.decode() for file in slack.files.values() if file.content} < set(outcome.texts.values())
    saved = remembered(tmp_path).message
    assert saved
    assert (saved.channel, saved.timestamp, saved.state) == ("C0123456789", slack.posts[0].ts, "done")


def test_the_same_period_again_updates_the_message(slack: Slack, tmp_path: Path) -> None:
    post(tmp_path, slack.url)
    post(tmp_path, slack.url, job=concluding())

    (message,) = slack.posts
    assert message.edits == 1
    assert "Everything agrees" in message.text
    assert len(slack.thread(message.ts)) == 4


def test_a_run_without_slack_keeps_where_its_period_was_posted(slack: Slack, tmp_path: Path) -> None:
    post(tmp_path, slack.url)
    before = remembered(tmp_path).message
    post(tmp_path, slack.url, flags={"slack.post": False, "store.record": True})

    assert remembered(tmp_path).message == before
    post(tmp_path, slack.url)
    assert len(slack.posts) == 1


def test_a_failure_to_post_is_exit_code_4_and_a_line_and_the_report_is_saved(slack: Slack, tmp_path: Path) -> None:
    slack.channels = {}
    outcome = post(tmp_path, slack.url)

    assert outcome.exit_code == 4
    assert str(outcome.unposted) == (
        "the report of monthly for 2026-10 was not posted to Slack: Slack did not take the message: channel_not_found; "
        "invite the app to the channel, or correct slack.channel. It is recorded, and the next maintainer run due "
        "--post goes on from there"
    )
    assert outcome.files
    assert remembered(tmp_path).report


def due_flags(slack: Slack, folder: Path) -> dict[str, Any]:
    (folder / "token").write_text(TOKEN, "utf-8")
    return {"slack_post": True, "slack_tokenFile": str(folder / "token"), "slack_baseUrl": f"{slack.url}/api/"}


@pytest.fixture
def days(tmp_path: Path) -> Days:
    (tmp_path / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    return Days(tmp_path)


def test_what_was_left_is_posted_by_the_next_run_although_nothing_is_due(days: Days, slack: Slack) -> None:
    flags, job = due_flags(slack, days.folder), monthly(FOUND)
    slack.faults = [Fault("chat.postMessage", "503", every=True)]
    assert days.run("2026-11-27 09:00", job, **flags).exit_code == 4

    still = days.run("2026-11-27 10:00", job, **flags)
    assert (still.due, still.exit_code, len(still.unposted)) == ((), 4, 1)

    slack.faults = []
    done = days.run("2026-11-27 11:00", job, **flags)
    assert (done.due, done.exit_code, done.unposted) == ((), 0, ())
    assert names(slack) == [".html", ".md"]
    assert days.run("2026-11-27 12:00", job, **flags).exit_code == 0
    assert len(slack.posts) == 1


def test_a_report_that_this_version_cannot_read_is_said_and_left(days: Days, slack: Slack) -> None:
    flags, job = due_flags(slack, days.folder), monthly(FOUND)
    slack.faults = [Fault("chat.postMessage", "503", every=True)]
    days.run("2026-11-27 09:00", job, **flags)
    slack.faults = []
    newer = replace(remembered(days.folder), report=packed('{"schema": "maintainer.report/v2"}'))
    Memory(DirectoryStore(str(days.folder / "store")), LEDGER, "ledger").add([newer])

    (unposted,) = days.run("2026-11-27 10:00", job, **flags).unposted
    assert "its schema is 'maintainer.report/v2'" in str(unposted)
    assert slack.posts == []


STEPS = [
    ("chat.postMessage", False),
    ("chat.postMessage", True),
    ("upload", False),
    ("files.completeUploadExternal", False),
    ("files.completeUploadExternal", True),
    ("files.info", False),
]


@pytest.mark.parametrize(("method", "after"), STEPS)
def test_a_run_that_is_killed_is_taken_up_by_the_next(
    slack: Slack, tmp_path: Path, processes: ForkServerContext, method: str, after: bool  # noqa: FBT001
) -> None:  # fmt: skip
    process = processes.Process(target=post, args=(tmp_path, slack.url))

    def kill() -> None:
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)

    slack.faults = [Fault(method, "reset", after=after, then=kill)]
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    slack.faults = []
    assert post(tmp_path, slack.url).exit_code == 0

    assert names(slack) == [".html", ".md"]


def test_without_the_right_to_look_a_killed_run_repeats_its_message_and_says_so(slack: Slack, tmp_path: Path) -> None:
    slack.scopes -= {"channels:history"}
    slack.faults = [Fault("chat.postMessage", "reset", after=True)]
    assert post(tmp_path, slack.url).exit_code == 4
    assert post(tmp_path, slack.url).exit_code == 0

    assert ["may stand here twice" in message.text for message in slack.posts] == [False, True]


def test_the_token_is_in_nothing_that_a_run_writes(slack: Slack, tmp_path: Path) -> None:
    slack.channels = {}
    outcome = post(tmp_path, slack.url, flags={"cluster.name": f"production {TOKEN}"})

    written = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file.name != "token"]
    assert not any(TOKEN.encode() in content for content in written)
    assert TOKEN not in f"{outcome.unposted} {outcome.notes} {outcome.document} {outcome.texts}"
    assert {headers.get("Authorization") for headers in slack.headers} == {f"Bearer {TOKEN}"}


def test_the_token_may_come_from_the_environment_and_is_a_secret_then(slack: Slack) -> None:
    secrets = KnownSecrets()
    own = machine(Settings(), {"SLACK_BOT_TOKEN": f"{TOKEN}\n"}, secrets)

    assert own.slack_token == TOKEN
    assert secrets.hide(f"a {TOKEN}") == "a <secret>"


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ({"slack.tokenFile": ""}, r"set slack\.tokenFile or SLACK_BOT_TOKEN \(a bot token\), or slack\.webhookUrlFile"),
        ({"checks": ["accuracy/*"]}, "--post needs all checks"),
        ({"slack.tokenFile": "/nowhere/token"}, "cannot read"),
    ],
)
def test_what_cannot_be_posted_is_said_before_the_run(tmp_path: Path, flags: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        post(tmp_path, REFUSED, flags=flags)


def test_a_run_that_posts_is_remembered() -> None:
    assert load("", {}, {"slack.post": True}).store.record
    assert not load("", {}, {"slack.post": True}).recording(record=False).slack.post


def by_webhook(folder: Path, slack: Slack, **flags: Any) -> Outcome:
    (folder / "webhook").write_text(f"{slack.url}{WEBHOOK}", "utf-8")
    usual = {"slack.tokenFile": "", "slack.webhookUrlFile": str(folder / "webhook")}
    job = flags.pop("job", FOUND)
    return post(folder, slack.url, job=job, flags=usual | flags)


def test_a_webhook_says_where_the_report_is(slack: Slack, tmp_path: Path) -> None:
    outcome = by_webhook(tmp_path, slack, **{"reports.publicUrl": "https://reports.example/"})

    (message,) = slack.posts
    html = next(file.name for file in outcome.files if file.suffix == ".html")
    assert f"https://reports.example/{html}" in message.text
    assert not any(WEBHOOK in text for text in outcome.texts.values())


def test_without_a_public_folder_a_webhook_says_the_command_that_shows_the_report(slack: Slack, tmp_path: Path) -> None:
    by_webhook(tmp_path, slack)

    command = slack.posts[0].text.partition("To see the report, type: ")[2]
    store = {"MAINTAINER_STORE_KIND": "directory", "MAINTAINER_STORE_PATH": str(tmp_path / "store")}
    words = [COMMAND, *split(command)[1:]]
    shown = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env=os.environ | store)
    assert shown.stdout.startswith("Argo Rollouts monitoring, ")


def test_a_webhook_tells_the_same_period_again_only_if_something_changed(slack: Slack, tmp_path: Path) -> None:
    by_webhook(tmp_path, slack)
    by_webhook(tmp_path, slack)
    assert len(slack.posts) == 1

    by_webhook(tmp_path, slack, job=concluding())
    assert len(slack.posts) == 2


GONE = (Resolved("accuracy/phase", "f", GENERATED.date(), "gone"),)
EXPIRED = UnusedAcceptance(Acceptance("accuracy/phase", "*", "known", GENERATED.date()), "expired")
DONE = (Action("restored", Subject("ConfigMap", "monitoring", "prometheus-config"), message("restoring/ended")),)
LATER: dict[str, Any] = {"compared_with": GENERATED}


def still(*, grown: tuple[str, ...] = (), shrunk: tuple[str, ...] = ()) -> Report:
    """A report with a finding that is known."""
    known = replace(finding(), state="still", grown=grown, shrunk=shrunk)
    return replace(report(findings=(known,)), **LATER)


@pytest.mark.parametrize(
    ("made", "verdict", "findings", "changes"),
    [
        (report(), "ok", False, False),
        (report(gaps=(gap(),)), "incomplete", True, True),
        (report(findings=(finding(),)), "findings", True, True),
        (replace(report(findings=(finding(),)), **LATER), "findings", True, True),
        (still(), "findings", True, False),
        (still(grown=("Rollout/shop/tax",)), "findings", True, True),
        (still(shrunk=("Rollout/shop/tax",)), "findings", True, True),
        (replace(still(), unused=(EXPIRED,)), "findings", True, True),
        (replace(report(), **LATER, resolved=GONE), "ok", False, True),
        (replace(report(gaps=(gap(),)), **LATER), "incomplete", True, False),
        (replace(report(), **LATER, actions=DONE), "ok", True, True),
    ],
)
def test_which_reports_are_told(made: Report, verdict: Verdict, findings: bool, changes: bool) -> None:  # noqa: FBT001
    told = [is_told(made, when) for when in ("always", "findings", "changes")]

    assert (made.verdict, told) == (verdict, [True, findings, changes])


def test_a_report_that_is_not_told_is_still_remembered(slack: Slack, tmp_path: Path) -> None:
    post(tmp_path, slack.url, job=concluding(), flags={"slack.when": "findings"})

    assert slack.posts == []
    assert remembered(tmp_path).message is None
