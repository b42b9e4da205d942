"""A query that would make a huge tree is not parsed, and said to be not checked; the others are judged."""

from collections.abc import Iterator
from typing import Any

import promql_parser as parser
import pytest
from hypothesis import given, settings

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.size import DEEPEST, MOST, size, too_large
from maintainer.analyse.queries.lint import remarks
from tests.analyse.promql.builders import CURRENT, query, remarked, verdicts
from tests.analyse.promql.generated_queries import QUERIES

DEAD = 'rollout_info{phase="Degraded"}'
HUGE = {
    "chain": "rollout_info" + "+1" * 4_600,
    "or": " or ".join([DEAD] * 1_300),
    "parentheses": "(" * 5_000 + DEAD + ")" * 5_000,
    "unclosed": DEAD + "(" * 100_000,
    "minus": "-" * 5_000 + DEAD,
    "calls": "abs(" * 5_000 + DEAD + ")" * 5_000,
    "subqueries": f"max_over_time({DEAD}" + "[5m:1m]" * 5_000,
    "right": f"{DEAD} ^ ({DEAD} - (1" * 500 + "))" * 500,
    "arguments": f"label_join({DEAD}, 'a', {','.join(['`b`'] * 50_000)})",
    "wide": "+".join(f"({DEAD} + {DEAD})" for _ in range(1_000)),
}


def children(node: Any) -> Iterator[Any]:
    """The parts of a tree right under a node."""
    for name in ("lhs", "rhs", "expr", "param"):
        if (part := getattr(node, name, None)) is not None:
            yield part
    yield from getattr(node, "args", ())


def depth(node: Any) -> int:
    """How many nodes stand one within another."""
    return 1 + max(map(depth, children(node)), default=0)


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_query_is_not_checked_and_the_others_are(kind: str) -> None:
    found = remarks([query(HUGE[kind]), query(DEAD)], version=CURRENT)
    assert verdicts(found) == ["not-checked: rollout_info", 'dead-selector: phase="Degraded"']
    assert found[0].why.id == "query/not-checked.large"
    assert found[0].severity == "info"


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_the_tree_of_a_query_is_not_deeper_than_its_text_says(text: str) -> None:
    deep, parts = size(text)
    assert depth(parser.parse(parseable(text))) - 1 <= deep <= parts


def test_a_long_chain_of_sums_is_judged() -> None:
    text = " or ".join(f'sum by (namespace, name) (rate(rollout_reconcile_error{{job="{n}"}}[5m]))' for n in range(150))
    assert too_large(text) is None
    assert remarked(text) == ()
    assert verdicts(remarked(f"{text} or {DEAD}")) == ['dead-selector: phase="Degraded"']


@pytest.mark.parametrize(("open_", "close"), [("(", ")"), ("abs(", ")"), ("-", "")])
def test_what_is_parsed_at_its_deepest_can_be_judged(open_: str, close: str) -> None:
    text = open_ * DEEPEST + DEAD + close * DEEPEST
    assert verdicts(remarked(text)) == ['dead-selector: phase="Degraded"']
    assert verdicts(remarked(open_ + text + close)) == ["not-checked: rollout_info"]


def test_what_strings_and_selectors_hold_makes_no_tree() -> None:
    matchers = ",".join(f'label_{n}!="((( + {n}"' for n in range(MOST + 1))
    assert size(f"rollout_info{{{matchers}}} # + 1 + (") == (0, 0)
