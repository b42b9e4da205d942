"""Reads the silences of Alertmanager, which keeps those that have ended for five days only."""

from collections.abc import Sequence
from contextlib import closing

import msgspec

from maintainer.clients.decoding import Moment
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.web import Web
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import Silence

TIMEOUT = 10.0
MOST_TRIED = 2


class _Matcher(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True


class _Silence(msgspec.Struct, rename="camel"):
    matchers: list[_Matcher]
    starts_at: Moment
    ends_at: Moment
    created_by: str = ""
    comment: str = ""


def silences(sources: Sources, urls: Sequence[str]) -> tuple[Silence, ...]:
    """The silences of the first of these Alertmanagers that can be reached: those of a group know the same.

    Raises :class:`SourceUnavailable` if none can be reached.
    """
    for url in urls[:MOST_TRIED]:
        try:
            return _silences(Endpoint(url, timeout=TIMEOUT, limits=sources.limits))
        except SourceUnavailable:
            if url == urls[:MOST_TRIED][-1]:
                raise
    return ()


def _silences(endpoint: Endpoint) -> tuple[Silence, ...]:
    with closing(Web(endpoint, "Alertmanager")) as web:
        return tuple(sorted(map(_silence, web.get("api/v2/silences", list[_Silence])), key=repr))


def _silence(struct: _Silence) -> Silence:
    matchers = ((one.name, _operator(one), one.value) for one in struct.matchers)
    starts, ends = (round(at.timestamp() * 1000) for at in (struct.starts_at, struct.ends_at))
    return Silence(tuple(sorted(matchers)), starts, ends, struct.created_by, struct.comment)


def _operator(own: _Matcher) -> str:
    return ("=" if own.is_equal else "!") + ("~" if own.is_regex else "" if own.is_equal else "=")
