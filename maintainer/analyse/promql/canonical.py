"""Queries that are written differently and mean the same."""

import re
from functools import lru_cache

import promql_parser as parser

from maintainer.analyse.promql.lexical import VARIABLE, parseable
from maintainer.analyse.promql.size import too_large

_RAW = re.compile(r"`[^`]*\\[^`]*`")


def same_promql(desired: str, live: str) -> bool:
    """Whether two queries are the same but for blanks, comments, the order of matchers, and durations' units.

    What the parser refuses is compared as text.
    """
    if desired == live:
        return True
    forms = canonical(desired), canonical(live)
    return forms[0] is not None and forms[0] == forms[1]


@lru_cache(maxsize=4096)
def canonical(query: str) -> str | None:
    """The parser's canonical form of a query, with Grafana's variables behind it; ``None`` if it is refused."""
    plain = parseable(query)
    if too_large(plain):
        return None
    try:
        form: str = parser.parse(plain).prettify()
    except ValueError:
        return None
    # The parser is given stand-ins for variables and for what it misreads: so these must be equal as well.
    return "\0".join((form, *VARIABLE.findall(query), *_RAW.findall(query)))
