"""A look at Slack says who the token is and what it may do, and changes nothing."""

from collections.abc import Iterator

import pytest

from maintainer.clients.slack import Slack as Client
from maintainer.clients.slack_answers import NotDone
from maintainer.model.clock import Clock
from maintainer.model.doctor import Membership
from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_workspace import ALL_SCOPES, NEEDED_SCOPES, TOKEN


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as opened:
        yield opened


def client(slack: Slack, token: str = TOKEN) -> Client:
    return Client(token, f"{slack.url}/api/", Clock(lambda: 0.0, lambda _seconds: None))


@pytest.mark.parametrize("channel", ["#deployments", "deployments", "C0123456789"])
def test_a_token_says_its_app_its_scopes_and_its_channel(slack: Slack, channel: str) -> None:
    look = client(slack).look(channel)

    assert (look.workspace, look.app, look.scopes, look.membership) == ("Example", "maintainer", ALL_SCOPES, "joined")
    assert slack.messages == []


@pytest.mark.parametrize(
    ("channel", "outside", "scopes", "membership"),
    [
        ("#deployments", {"deployments"}, ALL_SCOPES, "outside"),
        ("C0123456789", {"deployments"}, ALL_SCOPES, "outside"),
        ("#other", (), ALL_SCOPES | {"groups:read"}, "absent"),
        ("#other", (), ALL_SCOPES, "unknown"),  # it may be a private one
        ("C0000000009", (), ALL_SCOPES, "absent"),
        ("#deployments", (), NEEDED_SCOPES, "unknown"),
        ("C0123456789", (), NEEDED_SCOPES, "unknown"),
    ],
)
def test_a_channel_is_seen_as_far_as_the_scopes_go(
    slack: Slack, channel: str, outside: set[str], scopes: frozenset[str], membership: Membership
) -> None:
    slack.outside, slack.scopes = frozenset(outside), scopes

    assert client(slack).look(channel).membership == membership


def test_a_wrong_token_is_refused(slack: Slack) -> None:
    with pytest.raises(NotDone, match="invalid_auth; put a valid bot token"):
        client(slack, "xoxb-wrong").look("#deployments")
