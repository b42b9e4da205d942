"""The row of doctor about Slack."""

from dataclasses import replace

import pytest

from maintainer.analyse.doctor.commands import Commands
from maintainer.analyse.doctor.slack_row import slack
from maintainer.analyse.doctor.subject import Subject, Wanted
from maintainer.analyse.reproduce import Access
from maintainer.model.doctor import Checkup, SlackLook, SlackTrouble, State
from maintainer.render.words import load, say
from tests.analyse.doctor.test_rows import CLUSTER

ALL = frozenset({"chat:write", "files:write", "files:read", "channels:history", "channels:read"})
LOOK = SlackLook("Example", "maintainer", ALL, "joined")


def row(look: object) -> tuple[State, str, str]:
    """The state, the sentence, and what to type."""
    seen = replace(Checkup(CLUSTER), slack=look)  # type: ignore[arg-type]  # each test gives a fact of the right type
    made = slack(Subject(seen, Wanted(), Commands(Access(), (("--config", "m.yaml"),)))).row
    return made.state, say(load("en"), made.seen), made.next


def test_what_is_not_set_up_is_said_and_not_broken() -> None:
    assert row(None) == ("ok", "Nothing is posted. To post reports, set slack.tokenFile and slack.post.", "")


def test_a_webhook_is_not_called() -> None:
    assert row("webhook")[0] == "ok"


def test_a_token_that_reaches_the_channel_is_well() -> None:
    assert row(LOOK) == ("ok", "The app maintainer of the workspace Example may post to #deployments.", "")


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (replace(LOOK, scopes=ALL - {"files:write"}), "lacks scopes: files:write"),
        (replace(LOOK, scopes=frozenset()), "lacks scopes: chat:write, files:write"),
        (replace(LOOK, membership="absent"), "sees no channel #deployments"),
        (replace(LOOK, membership="outside"), "Type /invite @maintainer in that channel"),
    ],
)
def test_what_keeps_reports_from_being_posted_is_broken(look: SlackLook, said: str) -> None:
    state, sentence, next_ = row(look)

    assert (state, next_) == ("broken", "maintainer doctor --config m.yaml")
    assert said in sentence


@pytest.mark.parametrize(
    ("look", "lacking"),
    [
        (replace(LOOK, scopes=ALL - {"files:read"}), "files:read"),
        (replace(LOOK, scopes=ALL - {"channels:history"}), "channels:history"),
        (replace(LOOK, scopes=ALL - {"channels:read"}, membership="unknown"), "channels:read"),
    ],
)
def test_a_scope_without_which_something_may_stand_there_twice_is_a_warning(look: SlackLook, lacking: str) -> None:
    state, sentence, _ = row(look)

    assert state == "warning"
    assert f"It lacks scopes: {lacking}." in sentence


def test_a_private_channel_needs_a_scope_of_its_own() -> None:
    assert row(replace(LOOK, scopes=ALL - {"channels:history"} | {"groups:history"}))[0] == "ok"


def test_a_public_channel_needs_no_invitation_with_the_scope_for_that() -> None:
    assert row(replace(LOOK, membership="outside", scopes=ALL | {"chat:write.public"}))[0] == "ok"


@pytest.mark.parametrize(
    ("trouble", "next_"),
    [
        (
            SlackTrouble("setting", "cannot read x"),
            "MAINTAINER_SLACK_TOKEN_FILE=FILE maintainer doctor --config m.yaml",
        ),
        (SlackTrouble("refused", "invalid_auth"), "MAINTAINER_SLACK_TOKEN_FILE=FILE maintainer doctor --config m.yaml"),
    ],
)
def test_a_token_that_is_none_is_broken(trouble: SlackTrouble, next_: str) -> None:
    state, sentence, typed = row(trouble)

    assert (state, typed) == ("broken", next_)
    assert trouble.said in sentence


def test_a_slack_that_is_not_reached_is_broken() -> None:
    state, _, typed = row(SlackTrouble("reached", "it did not answer"))

    assert state == "broken"
    assert "https://slack.com/api/api.test" in typed
