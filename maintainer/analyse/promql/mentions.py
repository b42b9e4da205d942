"""Names of the controller's metrics in texts of any kind, and texts that are queries over them."""

import re
from collections.abc import Iterator
from functools import cache

from maintainer.analyse.promql.contract_series import exposed
from maintainer.analyse.promql.parsed_query import CONTROLLER_METRIC, parse_query
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.suggestions import looks_like_metric

LONGEST = 2_000
"""Characters of a text that may be a query although nothing around it says so."""

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# In the source of other languages, a letter after a backslash is no letter of a name.
_WORD = re.compile(r"(?:(?<=\\)[a-z])?([A-Za-z_]\w*)", re.ASCII)
_SELECTS = re.compile(r"""\s*(?:\{\s*\w+\s*[=!]~?=?\s*\\?["'`]|\[\d+[smhdwy])""")
_SNAKE_CASE = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+")


def mentioned_metrics(text: str) -> Iterator[tuple[str, int]]:
    """The metrics of the controller that a text names, or something that looks like one, and where each begins."""
    if not CONTROLLER_METRIC.search(text.lower()):
        return
    for word in _WORD.finditer(text):
        if _is_metric(word[1], selects=_SELECTS.match(text, word.end()) is not None):
            yield word[1], word.start(1)


def reads_controller(text: str) -> bool:
    """Whether a text is a query that reads metrics of the controller, and not only the name of one."""
    if len(text) > LONGEST or _NAME.fullmatch(text.strip()):
        return False
    parsed = parse_query(text, KnownSeries({}, None))
    return parsed is not None and parsed.tree is not None


@cache
def _is_metric(word: str, *, selects: bool) -> bool:
    if not CONTROLLER_METRIC.search(word.lower()):
        return False
    # rolloutInfo and rollout__info are names in other languages, unless labels are selected.
    like = selects or _SNAKE_CASE.fullmatch(word) is not None
    return word in exposed(None) or (like and looks_like_metric(word, selects=selects))
