"""Reads a list of the Kubernetes API page by page, until its end or until a limit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from maintainer.clients.api_request import SERVER, ApiRequest
from maintainer.errors import SourceUnavailable

T = TypeVar("T")

MOST_ON_A_PAGE = 50_000
"""An API server that does not heed the limit of a page may send more than was asked for, but not so many."""

PAGE_SIZE = 500
MAX_OBJECTS = 500_000
"""A list that does not end after so many is given up: etcd holds no more of a kind in a cluster that works."""


def read_pages(
    send: Callable[[ApiRequest], bytes], decode: Callable[[bytes], T], first: ApiRequest, *, url: str
) -> Iterator[T]:
    """The pages of a list, each decoded to a type with ``metadata.next_page``. ``url`` is that of the API server.

    A page that is too large is asked for again in smaller pages, down to a single object. Raises what ``send`` and
    ``decode`` raise, and :class:`SourceUnavailable` for a list that does not end.
    """
    token, size, asked = "", PAGE_SIZE, 0
    while True:
        paging = [("limit", str(size)), *([("continue", token)] if token else [])]
        try:
            body = send(replace(first, query=(*paging, *first.query)))
        except SourceUnavailable as error:
            if error.reason != "web-too-large" or size == 1:
                raise
            size = max(size // 8, 1)
            continue
        page = decode(body)
        if (sent := len(page.items or ())) > MOST_ON_A_PAGE:  # type: ignore[attr-defined]  # every page type has them
            raise SourceUnavailable(
                "cluster-page-large", who=SERVER, url=url, resource=first.resource[1], count=sent, asked=size
            )
        yield page
        before, token = token, page.metadata.next_page  # type: ignore[attr-defined]  # every page type has it
        if not token:
            return
        asked += size
        if token == before or asked >= MAX_OBJECTS:
            raise SourceUnavailable(
                "cluster-list-endless", who=SERVER, url=url, resource=first.resource[1], count=asked
            )
        size = min(2 * size, PAGE_SIZE)
