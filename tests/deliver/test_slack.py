"""Reports go to Slack while something fails: the message and each file arrive exactly once, and nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from maintainer.clients.slack import Slack as Client
from maintainer.clients.slack import Webhook
from maintainer.clients.slack_answers import NotDone, Unanswered
from maintainer.deliver.slack import Parcel, deliver, deliver_by_webhook
from maintainer.errors import DeliveryFailed
from maintainer.model.clock import Clock
from maintainer.model.ledger import SlackMessage
from maintainer.model.slack_post import SlackPost
from maintainer.sandbox.slack import WEBHOOK, Fault, How, Slack
from maintainer.sandbox.slack_workspace import ALL_SCOPES, NEEDED_SCOPES, TOKEN, Posted

pytestmark = pytest.mark.extended

FILES = {"monthly.html": "<p>보고서</p>", "monthly.md": "# 보고서"}
ABOUT = {"cluster": "management", "job": "monthly", "period": "2026-10"}
REPEAT = " (again)"
STEPS = [
    ("chat.postMessage", 1),
    *((method, nth) for nth in (1, 2) for method in ("files.getUploadURLExternal", "upload")),
    *((method, nth) for nth in (1, 2) for method in ("files.completeUploadExternal", "files.info")),
]
HOWS: tuple[How, ...] = ("500", "503", "reset", "no JSON")
WITHOUT_HISTORY = ALL_SCOPES - {"channels:history"}


class Killed(BaseException):
    """The process ends here."""


def wording(*, maybe_repeat: bool) -> SlackPost:
    words = f"All agree{REPEAT if maybe_repeat else ''}"
    text = {"type": "text", "text": words}
    return SlackPost(words, ({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]},))


PARCEL = Parcel("#deployments", ABOUT, 0.0, wording, FILES)


@dataclass
class Desk:
    """Delivers to a Slack what is left to do; ``state`` is what the ledger would have, after each of ``saves``."""

    slack: Slack
    state: SlackMessage = field(default_factory=lambda: SlackMessage("#deployments", state="waiting"))
    slept: list[float] = field(default_factory=list)
    saves: list[SlackMessage] = field(default_factory=list)

    def client(self, timeout: int = 10) -> Client:
        clock = Clock(lambda: 0.0, self.slept.append)
        return Client(TOKEN, f"{self.slack.url}/api/", clock, timeout=timeout)

    def run(self, client: Any = None, parcel: Parcel = PARCEL) -> None:
        deliver(client or self.client(), parcel, self.state, save=self.save)

    def save(self, message: SlackMessage) -> None:
        self.state = message
        self.saves.append(message)

    def run_again_until_done(self) -> None:
        """A run that may fail, and one without any fault."""
        with suppress(DeliveryFailed):
            self.run()
        self.slack.faults = []
        if self.state.state != "done":
            self.run()


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as opened:
        yield opened


@pytest.fixture
def desk(slack: Slack) -> Desk:
    return Desk(slack)


def assert_once(slack: Slack) -> None:
    assert [post.text for post in slack.posts] == ["All agree"]
    assert sorted(slack.thread(slack.posts[0].ts)) == sorted(FILES)
    assert {file.content for file in slack.files.values() if file.shared} == {text.encode() for text in FILES.values()}


def assert_at_most_one_marked_repeat(slack: Slack) -> None:
    assert [post.text for post in slack.posts[1:]] in ([], [f"All agree{REPEAT}"])
    shown = [slack.thread(post.ts) for post in slack.posts]
    assert sorted(name for names in shown for name in names) == sorted(FILES)


def test_a_report_is_a_message_with_its_files_in_the_thread(desk: Desk, slack: Slack) -> None:
    desk.run()

    assert_once(slack)
    assert slack.posts[0].metadata == {"event_type": "maintainer_report", "event_payload": ABOUT}
    assert (desk.state.channel, desk.state.timestamp, desk.state.state) == ("C0123456789", slack.posts[0].ts, "done")
    assert desk.saves[0] == SlackMessage("#deployments", state="sending"), "the intent is saved before anything is sent"


@pytest.mark.parametrize("every", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("method", "nth"), STEPS)
def test_all_arrives_once_whatever_fails(desk: Desk, method: str, nth: int, how: How, after: bool, every: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    desk.slack.faults = [Fault(method, how, after=after, nth=nth, every=every)]
    desk.run_again_until_done()

    assert_once(desk.slack)


@pytest.mark.parametrize("scopes", [NEEDED_SCOPES, WITHOUT_HISTORY], ids=["least", "without history"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("method", "nth"), STEPS)
def test_without_history_at_most_the_message_is_repeated_and_says_so(
    desk: Desk, method: str, nth: int, how: How, after: bool, scopes: frozenset[str]  # noqa: FBT001
) -> None:  # fmt: skip
    desk.slack.scopes = scopes
    desk.slack.faults = [Fault(method, how, after=after, nth=nth)]
    desk.run_again_until_done()

    assert_at_most_one_marked_repeat(desk.slack)
    if method != "chat.postMessage":
        assert_once(desk.slack)


def in_a_thread(slack: Slack) -> Parcel:
    """What is to stand in the thread of a message that is there."""
    slack.messages.append(Posted("C0123456789", "1.2", "The first.", []))
    return Parcel("C0123456789", {**ABOUT, "part": "end"}, 0.0, wording, {}, thread="1.2")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", HOWS)
def test_a_reply_arrives_once_whatever_fails(desk: Desk, slack: Slack, how: How, *, after: bool) -> None:
    parcel = in_a_thread(slack)
    slack.messages += [Posted("C0123456789", f"1.{nth}", "Of others.", [], thread_ts="1.2") for nth in range(3, 9)]
    slack.faults = [Fault("chat.postMessage", how, after=after)]
    with suppress(DeliveryFailed):
        desk.run(parcel=parcel)
    slack.faults = []
    desk.run(parcel=parcel)

    assert [reply.text for reply in slack.replies("1.2")][6:] == ["All agree"]
    assert len(slack.posts) == 1


def test_a_reply_to_a_message_that_is_gone_stands_in_the_channel(desk: Desk, slack: Slack) -> None:
    parcel = in_a_thread(slack)
    slack.messages.clear()
    desk.run(parcel=parcel)

    assert [post.text for post in slack.posts] == ["All agree"]


@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_all_arrives_once_if_an_answer_takes_too_long(desk: Desk, method: str, *, after: bool) -> None:
    desk.slack.faults = [Fault(method, "timeout", after=after)]
    with suppress(DeliveryFailed):
        desk.run(desk.client(timeout=1))
    desk.slack.faults = []
    desk.run()

    assert_once(desk.slack)


@pytest.mark.parametrize(("method", "nth"), STEPS)
def test_slack_is_asked_again_after_the_seconds_that_it_names(desk: Desk, method: str, nth: int) -> None:
    desk.slack.retry_after = "7"
    desk.slack.faults = [Fault(method, "429", nth=nth)]
    desk.run()

    assert_once(desk.slack)
    assert desk.slept == [7.0]


def test_a_long_retry_after_is_left_for_the_next_run(desk: Desk) -> None:
    desk.slack.retry_after = "3600"
    desk.slack.faults = [Fault("chat.postMessage", "429", every=True)]
    with pytest.raises(NotDone, match="it asks to wait for 3600 seconds"):
        desk.run()

    assert desk.state == SlackMessage("#deployments", state="waiting")
    desk.run_again_until_done()
    assert_once(desk.slack)


@dataclass
class Dying:
    """A client with which the process dies before or after the n-th call."""

    client: Client
    nth: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls == self.nth and not self.after:
                raise Killed
            result = method(*arguments, **options)
            if self.calls == self.nth:
                raise Killed
            return result

        return call


@pytest.mark.parametrize("scopes", [ALL_SCOPES, NEEDED_SCOPES], ids=["all scopes", "least scopes"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, 8))
def test_a_run_that_dies_at_a_call_is_taken_up(
    desk: Desk, nth: int, after: bool, scopes: frozenset[str]  # noqa: FBT001
) -> None:  # fmt: skip
    desk.slack.scopes = scopes
    with pytest.raises(Killed):
        desk.run(Dying(desk.client(), nth, after))
    desk.run()

    if scopes == ALL_SCOPES or nth > 1:
        assert_once(desk.slack)
    else:
        assert_at_most_one_marked_repeat(desk.slack)


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, 8))
def test_a_run_that_dies_while_it_saves_is_taken_up(desk: Desk, nth: int, stored: bool) -> None:  # noqa: FBT001
    saves = 0

    def save(message: SlackMessage) -> None:
        nonlocal saves
        saves += 1
        if saves != nth or stored:
            desk.state = message
        if saves == nth:
            raise Killed

    with pytest.raises(Killed):
        deliver(desk.client(), PARCEL, desk.state, save=save)
    desk.run()

    assert_once(desk.slack)


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_that_slack_takes_and_never_shows_is_uploaded_again(desk: Desk, name: str) -> None:
    desk.slack.drops = [name]
    desk.run()

    assert_once(desk.slack)


def test_a_file_that_never_appears_is_left_for_the_next_run(desk: Desk) -> None:
    desk.slack.drops = ["monthly.md"] * 2
    with pytest.raises(NotDone, match=r"Slack takes monthly\.md and does not show it"):
        desk.run()
    assert desk.state.state == "posted"

    desk.run()
    assert_once(desk.slack)


def test_a_file_that_slack_shows_late_is_waited_for(desk: Desk) -> None:
    desk.slack.share_delay = 4
    desk.run()

    assert_once(desk.slack)
    assert desk.slept == [1.0] * 8


def test_a_run_for_the_same_period_updates_the_message_and_adds_its_files(desk: Desk, slack: Slack) -> None:
    desk.run()
    desk.state = SlackMessage(desk.state.channel, desk.state.timestamp, "waiting")
    desk.run(parcel=replace(PARCEL, files={"monthly-2.html": "2"}))

    (post,) = slack.posts
    assert post.edits == 1
    assert slack.thread(post.ts) == [*FILES, "monthly-2.html"]


def test_a_file_that_an_unfinished_run_has_shown_is_replaced(desk: Desk, slack: Slack) -> None:
    slack.faults = [Fault("upload", "500", nth=2, every=True)]
    with pytest.raises(Unanswered):
        desk.run(parcel=replace(PARCEL, files={"monthly.html": "old", "monthly.md": "old"}))
    slack.faults = []
    desk.run()

    assert_once(slack)


def test_a_message_that_somebody_deleted_is_posted_anew(desk: Desk, slack: Slack) -> None:
    desk.state = SlackMessage("C0123456789", "1.2", "waiting")
    desk.run()

    assert_once(slack)


def test_a_message_of_another_report_is_not_taken_for_this_one(desk: Desk, slack: Slack) -> None:
    other = Desk(slack)
    other.run(parcel=replace(PARCEL, about={**ABOUT, "period": "2026-09"}, files={}))
    desk.slack.faults = [Fault("chat.postMessage", "reset", nth=2)]
    with pytest.raises(Unanswered):
        desk.run()
    desk.run()

    assert len(slack.posts) == 2
    assert sorted(slack.thread(slack.posts[1].ts)) == sorted(FILES)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (lambda slack: setattr(slack, "channels", {}), "channel_not_found; invite the app to the channel"),
        (lambda slack: setattr(slack, "scopes", frozenset()), "missing_scope; give the app the scopes"),
    ],
    ids=["channel", "scope"],
)
def test_a_refusal_says_what_to_do(desk: Desk, error: Callable[[Slack], None], problem: str) -> None:
    error(desk.slack)
    with pytest.raises(NotDone, match=problem):
        desk.run()

    assert desk.state == SlackMessage("#deployments", state="waiting")
    assert len(desk.slack.calls) == 1


def test_a_slack_that_is_not_there_has_nothing(desk: Desk) -> None:
    client = Client(TOKEN, "http://127.0.0.1:9/api/", Clock(lambda: 0.0, desk.slept.append))
    with pytest.raises(NotDone, match="it was not reached"):
        desk.run(client)

    assert desk.state.state == "waiting"
    assert desk.slept == [1.0, 1.0]


def test_a_proxy_of_the_environment_is_left_out_where_no_proxy_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    desk.run()

    assert_once(desk.slack)


def webhook(slack: Slack) -> Webhook:
    return Webhook(f"{slack.url}{WEBHOOK}")


def test_a_webhook_posts_the_message_without_files(desk: Desk, slack: Slack) -> None:
    deliver_by_webhook(webhook(slack), PARCEL, desk.state, save=desk.save)

    assert [post.text for post in slack.posts] == ["All agree"]
    assert desk.state == SlackMessage("#deployments", state="done")


@pytest.mark.parametrize(("how", "after"), [("500", True), ("reset", True), ("reset", False), ("429", False)])
def test_a_webhook_repeats_at_most_once_and_says_so(desk: Desk, slack: Slack, how: How, *, after: bool) -> None:
    slack.faults = [Fault("webhook", how, after=after)]
    with pytest.raises(DeliveryFailed):
        deliver_by_webhook(webhook(slack), PARCEL, desk.state, save=desk.save)
    deliver_by_webhook(webhook(slack), PARCEL, desk.state, save=desk.save)

    marked = how != "429"
    texts = [post.text for post in slack.posts]
    assert texts == [*(["All agree"] if after else []), f"All agree{REPEAT if marked else ''}"]
