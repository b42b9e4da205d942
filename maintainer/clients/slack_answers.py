"""What became of a request to Slack. All that goes wrong is one of two errors: nothing was done, or nobody knows."""

from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from maintainer.errors import DeliveryFailed

_DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
"""The errors after which Slack may have done what it was asked for."""
_ADVICE: Mapping[str, str] = {
    "not_in_channel": "invite the app to the channel",
    "channel_not_found": "invite the app to the channel, or correct slack.channel",
    "invalid_auth": "put a valid bot token in the file of slack.tokenFile, or in SLACK_BOT_TOKEN",
    "not_authed": "put a valid bot token in the file of slack.tokenFile, or in SLACK_BOT_TOKEN",
    "token_revoked": "put a valid bot token in the file of slack.tokenFile, or in SLACK_BOT_TOKEN",
    "missing_scope": "give the app the scopes chat:write and files:write",
}


class NotDone(DeliveryFailed):
    """Nothing was done: Slack refused, as ``error`` says, or was not reached, or asks to wait for too long."""

    def __init__(self, text: str, error: str = "") -> None:
        super().__init__(text)
        self.error = error


class Unanswered(DeliveryFailed):
    """The answer was lost, or says that nobody knows: what was asked for may have been done."""


class Said(Protocol):
    """An answer of the SDK."""

    headers: Any

    def get(self, key: str, default: Any = None) -> Any:
        """A value of the answer."""


class Later(Exception):
    """Nothing was done, and it may be tried again after so many seconds."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


def called(call: Callable[[], Said]) -> Said:
    """The answer of a method of the Web API."""
    try:
        answered: Said = reached(call)
    except SlackApiError as refusal:
        answer: Any = refusal.response
        if answer.status_code != 200:
            raise by_status(answer.status_code, answer.headers) from refusal
        error = str(answer.get("error"))
        if error in _DOUBTFUL:
            raise Unanswered(f"it answered {error}") from refusal
        if error in {"ratelimited", "rate_limited"}:
            raise by_status(429, answer.headers) from refusal
        if not error.replace("_", "").isalnum() and not error.startswith("invalid_blocks"):
            # The SDK puts in this place the beginning of a body that is no JSON, such as the page of a proxy.
            raise Unanswered("its answer is no JSON") from refusal
        advice = _ADVICE.get(error)
        raise NotDone(f"{error}; {advice}" if advice else error, error.partition(":")[0]) from refusal
    return answered


def reached(call: Callable[[], Any]) -> Any:
    """What a function of the SDK returns. It sends a request, and an error of the network is one of ours."""
    try:
        return call()
    except URLError as error:
        # urllib raises it until the whole request is sent, so Slack cannot have had all of it.
        raise Later(1.0, f"it was not reached ({error.reason})") from error
    except SlackApiError:
        raise
    except (OSError, HTTPException, ValueError, LookupError, SlackClientError) as error:
        raise Unanswered(f"it did not answer ({type(error).__name__})") from error


def by_status(status: int, headers: Mapping[str, str]) -> Exception:
    """The error for an HTTP status of 300 or more."""
    if status == 429:
        named = {name.lower(): value for name, value in headers.items()}
        asked = named.get("retry-after", "")
        seconds = float(asked) if asked.isascii() and asked.isdigit() else 1.0
        return Later(seconds, f"it asks to wait for {seconds:.0f} seconds")
    if status >= 500:
        return Unanswered(f"it answered {status}")
    return NotDone(f"it answered {status}", str(status))


def text_of(said: Any, key: str) -> str:
    """A text of an answer. Raises :class:`Unanswered` if it lacks that: whatever was asked for may have been done."""
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise Unanswered(f"its answer lacks {key}")
    return value
