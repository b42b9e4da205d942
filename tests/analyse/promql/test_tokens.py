"""The places that are found in a text are those of the parser's tree, however the text is written."""

from collections.abc import Iterator
from typing import Any

import promql_parser as parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.promql.lexical import parseable, quoted, unquoted, without_regexes
from maintainer.analyse.promql.tokens import scan
from tests.analyse.promql.generated_queries import QUERIES

OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


def selectors(expression: Any) -> Iterator[Any]:
    """The selectors of a tree, from left to right."""
    if isinstance(expression, parser.VectorSelector):
        yield expression
    elif isinstance(expression, parser.MatrixSelector):
        yield expression.vector_selector
    elif isinstance(expression, parser.BinaryExpr):
        yield from selectors(expression.lhs)
        yield from selectors(expression.rhs)
    elif isinstance(expression, parser.Call):
        for argument in expression.args:
            yield from selectors(argument)
    elif hasattr(expression, "expr"):
        yield from selectors(expression.expr)


@settings(max_examples=500, deadline=None)
@given(QUERIES)
def test_selectors_and_matchers_are_those_of_the_tree(text: str) -> None:
    found = scan(text).selectors
    tree = list(selectors(parser.parse(parseable(text))))
    assert len(found) == len(tree)
    for place, node in zip(found, tree, strict=True):
        (matchers,) = place.alternatives
        names = [matcher.value for matcher in node.matchers.matchers if matcher.name == "__name__"]
        theirs = [matcher for matcher in node.matchers.matchers if matcher.name != "__name__"]
        assert place.names == tuple(names or [node.name])
        for matcher, their in zip(matchers, theirs, strict=True):
            written = text[slice(*matcher.value_at)]
            assert (matcher.label, matcher.op) == (their.name, OPERATORS[str(their.op).rpartition(".")[2]])
            assert matcher.value == (written[1:-1] if written[0] == "`" else their.value)
            assert text[slice(*matcher.label_at)] == matcher.label


@pytest.mark.parametrize("text", ["team:rollouts_by > 0", "rollouts_without", 'sum(standby{a="b"})'])
def test_a_metric_whose_name_ends_like_a_grouping_is_a_selector(text: str) -> None:
    [found] = scan(text).selectors
    assert found.names == (next(selectors(parser.parse(text))).name,)


@settings(max_examples=500)
@given(st.text(), st.sampled_from("\"'`"))
def test_what_is_quoted_is_unquoted_again(value: str, quote: str) -> None:
    assert unquoted(quoted(value, quote)) == value


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("rate(x[$__rate_interval])", "rate(x[5m              ])"),
        ("x[${__range_s}s:$__interval] offset $shift", "x[000000000001s:5m         ] offset 5m    "),
        ("sum by ($group) (x) > $limit", "sum by (vvvvvv) (x) > 1     "),
        ("topk([[n]], x_$kind)", "topk(1    , x_vvvvv)"),
        ('${metric:raw}{a="$b",$c="${d}"}', 'vvvvvvvvvvvvv{a="$b",vv="${d}"}'),
        ("$aggregate(x)", "sum       (x)"),
        ("x{a=~`\\d`} # $y", "x{a=~`xx`} # $y"),
        ('label_values(x{a="b"}, c)', '             x{a="b"}    '),
        (" query_result( sum(x) ) ", "               sum(x)   "),
    ],
)
def test_variables_are_replaced_by_what_may_stand_there(text: str, replaced: str) -> None:
    assert parseable(text) == replaced
    parser.parse(replaced)


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ('x{a=~"b.*|$c",d!~"e"}', 'x{a= "b.*|$c",d!="e"}'),
        ('x{a=~"(b)",d!~"["}', 'x{a=~"(b)",d!~"["}'),
    ],
)
def test_only_harmless_regular_expressions_are_kept_from_the_parser(text: str, replaced: str) -> None:
    assert without_regexes(text) == replaced
