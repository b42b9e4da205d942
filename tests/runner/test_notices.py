"""What the daily sample finds of ``slack.daily`` is told the same day, once, and its end in the same thread."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.due import DueRun
from maintainer.jobs.context import JobContext
from maintainer.model.message import message
from maintainer.model.report import Conclusion, Finding, Gap, Subject
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.slack import WEBHOOK, Fault, Slack
from maintainer.sandbox.slack_workspace import TOKEN, Posted
from maintainer.schedule import CalendarJob
from maintainer.settings import Settings
from tests.runner.slack_run import sample_on
from tests.runner.test_due import Days
from tests.runner.test_run import REFUSED, finding

pytestmark = pytest.mark.extended

STALE = finding("controller/stale-cache")
EMITTER = finding("pipeline/emitter")
PHASE = finding("accuracy/phase")


@dataclass
class Sampled:
    """The daily sample and the Slack to which it is told."""

    days: Days
    slack: Slack
    more: dict[str, Any] = field(default_factory=dict)

    def day(self, date: int, *findings: Finding, hour: int = 6, **conclusion: Any) -> DueRun:
        """Run what is due on a day of November, on which a sample finds these."""
        return self.on(f"2026-11-{date:02}", *findings, hour=hour, **conclusion)

    def on(self, date: str, *findings: Finding, hour: int = 6, **conclusion: Any) -> DueRun:
        """The same on any day."""

        def sample(_settings: Settings, _context: JobContext) -> Conclusion:
            return Conclusion(findings, **conclusion)

        flags = {
            "slack_post": True,
            "slack_tokenFile": str(self.days.folder / "token"),
            "slack_baseUrl": f"{self.slack.url}/api/",
            "cluster_name": "production",
            **self.more,
        }
        job = CalendarJob("sample", sample, "daily", "present", tuple(CHECKS), reports="never")
        return self.days.run(f"{date} {hour:02}:00", job, **flags)

    @property
    def told(self) -> list[str]:
        """The text of each message of the channel, and of the replies in its thread."""
        return [self._said(post) for post in self.slack.posts]

    def _said(self, post: Posted) -> str:
        return " / ".join(message.text for message in (post, *self.slack.replies(post.ts)))


@pytest.fixture
def sampled(tmp_path: Path) -> Iterator[Sampled]:
    (tmp_path / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    with Slack() as slack:
        yield Sampled(Days(tmp_path), slack)


OVER = "Over: the daily sample of 2026-11-{:02} does not find this any more."


def test_a_finding_is_told_on_its_day_once_and_its_end_in_the_thread(sampled: Sampled) -> None:
    assert sampled.day(2, STALE, PHASE).exit_code == 0
    (told,) = sampled.told
    assert told.startswith("Argo Rollouts monitoring, production: ")
    assert sampled.slack.posts[0].metadata["event_payload"]["period"].startswith("2026-11-02 controller/stale-cache ")
    assert sampled.days.outcomes[0].notes[-1].startswith("posted to Slack, #deployments: ")

    for date in (3, 4):
        sampled.day(date, STALE)
    assert sampled.told == [told]

    sampled.day(5)
    assert [said.partition(" / ")[2].startswith(OVER.format(5)) for said in sampled.told] == [True]
    sampled.day(6)
    assert len(sampled.slack.messages) == 2


def test_it_is_told_again_when_it_comes_back(sampled: Sampled) -> None:
    for date, found in ((2, [STALE]), (3, []), (4, [STALE]), (5, [STALE])):
        sampled.day(date, *found)

    assert [len(sampled.slack.replies(post.ts)) for post in sampled.slack.posts] == [1, 0]


def test_two_clusters_of_a_store_are_told_apart(sampled: Sampled) -> None:
    sampled.day(2, STALE)
    sampled.more = {"cluster_name": "staging"}
    sampled.day(2, STALE, hour=7)
    sampled.day(3)

    assert [len(sampled.slack.replies(post.ts)) for post in sampled.slack.posts] == [0, 1]


def test_each_finding_has_its_own_message(sampled: Sampled) -> None:
    sampled.day(2, STALE, EMITTER)
    sampled.day(3, EMITTER)

    assert [len(sampled.slack.replies(post.ts)) for post in sampled.slack.posts] == [1, 0]


def test_days_without_a_sample_change_nothing(sampled: Sampled) -> None:
    sampled.day(2, STALE)
    sampled.day(20, STALE)
    sampled.day(28)

    (post,) = sampled.slack.posts
    assert [reply.text.startswith(OVER.format(28)) for reply in sampled.slack.replies(post.ts)] == [True]


def test_what_lasts_longer_than_the_ledger_keeps_days_is_not_told_again(sampled: Sampled) -> None:
    for date in ("2026-11-02", "2027-03-02", "2027-09-02"):
        sampled.on(date, STALE)
    sampled.on("2027-09-03")

    (post,) = sampled.slack.posts
    assert len(sampled.slack.replies(post.ts)) == 1


@pytest.mark.parametrize(
    "blind",
    [
        {"gaps": (Gap("controller/stale-cache", "permanent", message("gap/no-emitter")),)},
        {"undecided": frozenset(STALE.subjects)},
    ],
    ids=["a gap", "it moved"],
)
def test_what_a_sample_could_not_see_is_not_over(sampled: Sampled, blind: dict[str, Any]) -> None:
    sampled.day(2, STALE)
    sampled.day(3, **blind)
    assert len(sampled.slack.messages) == 1

    sampled.day(4)
    assert len(sampled.slack.messages) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("date", [2, 4], ids=["begin", "end"])
def test_a_message_that_failed_is_posted_by_a_later_run_once(sampled: Sampled, date: int, after: bool) -> None:  # noqa: FBT001
    found = {2: [STALE], 3: [STALE], 4: []}
    for day in (2, 3, 4):
        if day == date:
            sampled.slack.faults = [Fault("chat.postMessage", "503", after=after, nth=len(sampled.slack.posts) + 1)]
        code = sampled.day(day, *found[day]).exit_code
        failed = day == date and not after  # an answer that was lost is looked for at once
        assert code == (4 if failed else 0)
        sampled.slack.faults = []
    sampled.day(4, hour=8)

    (post,) = sampled.slack.posts
    assert len(sampled.slack.replies(post.ts)) == 1


def test_a_finding_that_ends_while_slack_is_away_is_told_with_its_end(sampled: Sampled) -> None:
    sampled.slack.faults = [Fault("chat.postMessage", "503", every=True)]
    failed = sampled.day(2, STALE)
    assert failed.exit_code == 4
    assert "what the daily sample found of controller/stale-cache" in str(sampled.days.outcomes[0].unposted)
    assert sampled.day(3).exit_code == 4
    sampled.slack.faults = []
    sampled.day(4)

    (post,) = sampled.slack.posts
    assert [reply.text.startswith(OVER.format(3)) for reply in sampled.slack.replies(post.ts)] == [True]


def test_a_setting_that_changes_tells_nothing_twice_and_ends_what_it_told(sampled: Sampled) -> None:
    sampled.day(2, STALE, PHASE)
    sampled.more = {"slack_daily": ["accuracy/*"]}
    sampled.day(3, STALE, PHASE)
    assert len(sampled.slack.posts) == 2

    sampled.more = {"slack_daily": []}
    sampled.day(4, STALE)
    sampled.more = {}
    sampled.day(5, STALE)
    assert [len(sampled.slack.replies(post.ts)) for post in sampled.slack.posts] == [0, 1]


def test_a_channel_that_changes_leaves_the_end_in_the_old_thread(sampled: Sampled) -> None:
    sampled.slack.channels = {"C0123456789": "deployments", "C0000000001": "other"}
    sampled.day(2, STALE)
    sampled.more = {"slack_channel": "#other"}
    sampled.day(3)

    assert {message.channel for message in sampled.slack.messages} == {"C0123456789"}


def test_runs_that_do_not_post_leave_it_to_those_that_do(sampled: Sampled) -> None:
    sampled.more = {"slack_post": False}
    sampled.day(2, STALE)
    sampled.more = {}
    sampled.day(3, STALE)
    sampled.more = {"slack_post": False}
    sampled.day(4)
    assert len(sampled.slack.messages) == 1

    sampled.more = {}
    sampled.day(5)
    assert [len(sampled.slack.replies(post.ts)) for post in sampled.slack.posts] == [1]


def test_an_acceptance_is_told_as_one(sampled: Sampled) -> None:
    sampled.day(2, STALE)
    (subject,) = STALE.subjects
    reason = f"until the upgrade {TOKEN}"
    sampled.more = {"accept": [{"check": STALE.check, "subject": str(subject), "reason": reason}]}
    sampled.day(3, STALE)

    (reply,) = sampled.slack.replies(sampled.slack.posts[0].ts)
    assert reply.text.startswith("The settings accept this since 2026-11-03: until the upgrade &lt;secret&gt;")


def test_an_end_whose_message_was_deleted_is_told_in_the_channel(sampled: Sampled) -> None:
    sampled.day(2, STALE)
    sampled.slack.messages.clear()
    sampled.day(3)

    (post,) = sampled.slack.posts
    assert post.text.startswith("Over: ")


def test_a_webhook_tells_the_end_in_a_message_of_its_own(sampled: Sampled) -> None:
    file = sampled.days.folder / "webhook"
    file.write_text(f"{sampled.slack.url}{WEBHOOK}", "utf-8")
    sampled.more = {"slack_tokenFile": "", "slack_webhookUrlFile": str(file)}
    for date, found in ((2, [STALE]), (3, [STALE]), (4, []), (5, [])):
        sampled.day(date, *found)

    assert [said.startswith("Over: ") for said in sampled.told] == [False, True]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("date", [2, 3], ids=["begin", "end"])
def test_a_run_that_is_killed_is_taken_up_by_the_next(
    sampled: Sampled, processes: ForkServerContext, date: int, after: bool  # noqa: FBT001
) -> None:  # fmt: skip
    folder, slack = sampled.days.folder, sampled.slack
    for day in (2, 3, 4):
        process = processes.Process(target=sample_on, args=(folder, slack.url, day), kwargs={"found": day == 2})
        if day == date:
            kill = partial(_kill, process)
            slack.faults = [Fault("chat.postMessage", "reset", after=after, nth=len(slack.messages) + 1, then=kill)]
        process.start()
        process.join(120)
        assert process.exitcode == (-signal.SIGKILL if day == date else 0)
        slack.faults = []

    (post,) = slack.posts
    assert [reply.text.startswith(OVER.format(3)) for reply in slack.replies(post.ts)] == [True]


def _kill(process: ForkServerProcess) -> None:
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)


def test_only_the_sample_begins_and_ends_notices(sampled: Sampled) -> None:
    sampled.day(2, STALE)
    other = CalendarJob(
        "harvest", lambda *_: Conclusion((PHASE, EMITTER)), "daily", "stored", tuple(CHECKS), reports="never"
    )
    flags = {"slack_post": True, "slack_tokenFile": str(sampled.days.folder / "token")}
    sampled.days.run("2026-11-03 06:00", other, slack_baseUrl=f"{sampled.slack.url}/api/", **flags)

    assert len(sampled.slack.messages) == 1


def test_what_a_finding_is_about_may_change_while_it_lasts(sampled: Sampled) -> None:
    cart, pay = (Subject("Rollout", "shop", name) for name in ("cart", "pay"))
    for date, subjects in ((2, (cart,)), (3, (cart, pay)), (4, (pay,))):
        sampled.day(date, Finding(STALE.check, "error", subjects, "older", STALE.summary, STALE.action))
    assert len(sampled.slack.messages) == 1
