"""YAML and JSON of any depth, size and number of aliases are read, or refused with their line."""

import json

import pytest

from maintainer.collect.queries.files import read_queries
from maintainer.model.trees import Broken, Limits, TooLarge, documents, from_json, from_yaml

SMALL = Limits(deepest=5, nodes=100)
RULES = "groups: [{name: g, rules: [{alert: A, expr: rollout_info}]}]"


def nested(levels: int) -> str:
    """A ConfigMap in a ConfigMap, with rules in the innermost."""
    text = RULES
    for _ in range(levels):
        text = "kind: ConfigMap\ndata:\n  rules.yml: |\n" + "\n".join(f"    {line}" for line in text.split("\n"))
    return text


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "- " * 100_000, "? " * 100_000, "a: " + "[" * 100_000, "{a: " * 10_000]
)
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(Broken, match=r"nested too deeply|not JSON|not YAML"):
        documents(text)


@pytest.mark.parametrize("text", ["[a, b, [c, {d: [e]}]]", "[" + "a," * 99 + "]", "a: &a [1, 2]\nb: [*a, *a]"])
def test_what_is_within_the_limits_is_read(text: str) -> None:
    assert from_yaml(text, SMALL)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[[[[[]]]]]]", 1),
        ("\na: {b: {c: {d: {e: {f: g}}}}}", 2),
        ("a: &a [1, 2, 3, 4]\nb: &b [*a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b]", 3),
        ("a: &a\n  b: *a", 2),
        ("a: &a {x: 1}\nb: &b {<<: *a, y: *b}", 2),
    ],
)
def test_what_is_beyond_them_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(TooLarge) as caught:
        from_yaml(text, SMALL)
    assert caught.value.line == line


def test_a_text_of_many_values_is_refused() -> None:
    with pytest.raises(TooLarge, match="more than 100 keys and values"):
        from_yaml("a,".join("[" + " " * 101) + "]", SMALL)
    with pytest.raises(TooLarge, match="more than 1,000,000 keys and values"):
        from_json("[" + "[]," * 1_100_000 + "[]]")


def test_half_a_surrogate_is_read_as_prometheus_reads_it() -> None:
    assert from_json(json.dumps({"title": "\ud800"})) == {"title": "\ufffd"}


def test_config_maps_in_config_maps_are_read_to_a_depth_that_is_said() -> None:
    assert [query.text for query in read_queries(nested(3), "a.yaml").queries] == ["rollout_info"]
    found = read_queries(nested(60), "a.yaml")
    assert (len(found.queries), [unchecked.reason.id for unchecked in found.unchecked]) == (0, ["lint/unchecked.deep"])
