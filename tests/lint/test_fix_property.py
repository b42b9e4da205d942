"""Whatever a rules file looks like, a correction changes the matcher in it and no other character."""

import json
import re

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maintainer.collect.queries.files import read_queries
from maintainer.jobs.lint import Source, fixed
from tests.lint.stand_in import ALIVE, DEAD, linter

LETTERS = st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\ufeff", exclude_categories=["C", "Z"])
WORDS = st.text(st.one_of(st.sampled_from("ab'\"\\#:%{}[],&*!|>@`~ "), LETTERS), max_size=8)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])
# The dead matcher as YAML may write it: with escaped quotes, and then with escaped line ends after the first.
DEAD_AS_WRITTEN = re.compile(r'phase=(\\?")(?:\\\r?\n[ \t]*)*Degraded\1')


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query-like text around one dead matcher, with strings, comments and line breaks of all kinds."""
    values = draw(st.lists(WORDS.map(lambda word: json.dumps(word, ensure_ascii=False)), max_size=3))
    separator = draw(st.sampled_from([", ", ",\n", ",\n\n  ", ", # comment\n"]))
    matchers = [f"l{number}=~{value}" for number, value in enumerate(values)]
    matchers.insert(draw(st.integers(0, len(matchers))), DEAD)
    end = draw(st.sampled_from(["", " == 1", "\n  > 0", "\n", "\n\n"]))
    return f"rollout_info{{{separator.join(matchers)}}}{end}"


@st.composite
def rules_files(draw: st.DrawFn) -> str:
    """A rules file as PyYAML writes it, in a style of its own for each query."""
    drawn = draw(st.lists(st.tuples(queries(), STYLES), min_size=1, max_size=3, unique_by=lambda pair: pair[0]))
    styles = dict(drawn)

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=styles.get(value))

    Dumper.add_representer(str, text)
    rules = [{"alert": f"A{number}", "expr": query, "labels": {"a": "b"}} for number, query in enumerate(styles)]
    width, indent, unicode_ = draw(st.integers(10, 80)), draw(st.integers(2, 6)), draw(st.booleans())
    document = {"groups": [{"name": "g", "rules": rules}]}
    return str(yaml.dump(document, Dumper=Dumper, width=width, indent=indent, allow_unicode=unicode_))


def after_fixing(text: str) -> str:
    source = Source("a.yml", text, text, read_queries(text, "a.yml"))
    (done,) = fixed([source], linter)
    assert len(done.found.queries) == len(source.found.queries) > 0
    for before, after in zip(source.found.queries, done.found.queries, strict=True):
        assert after.text == before.text.replace(DEAD, ALIVE)
    return done.text


def expected(text: str) -> str:
    return DEAD_AS_WRITTEN.sub(lambda found: ALIVE.replace('"', found[1]), text)


@settings(deadline=None, max_examples=300)
@given(rules_files(), st.sampled_from(["\n", "\r\n"]))
def test_fixing_changes_the_matcher_and_no_other_character(rules: str, ends: str) -> None:
    text = rules.replace("\n", ends)
    assert after_fixing(text) == expected(text) != text


@settings(deadline=None, max_examples=200)
@given(rules_files(), STYLES, st.integers(20, 100))
def test_fixing_inside_a_config_map_changes_its_value_in_the_matcher_only(
    rules: str, style: str | None, width: int
) -> None:
    manifest = {"kind": "ConfigMap", "data": {"a.yml": rules}}
    text = yaml.safe_dump(manifest, default_style=style, width=width)
    assume(yaml.safe_load(text) == manifest)  # PyYAML folds some texts into other ones
    assert yaml.safe_load(after_fixing(text)) == {"kind": "ConfigMap", "data": {"a.yml": expected(rules)}}


@settings(deadline=None, max_examples=200)
@given(queries(), st.integers(0, 3), st.booleans())
def test_fixing_a_dashboard_changes_the_matcher_and_no_other_character(
    query: str,
    indent: int,
    ascii_: bool,  # noqa: FBT001
) -> None:
    targets = [{"expr": query, "legendFormat": DEAD}]
    text = json.dumps({"title": query, "panels": [{"targets": targets}]}, indent=indent or None, ensure_ascii=ascii_)
    after = after_fixing(text)
    start = text.index('"expr"')
    end = text.index('"legendFormat"')
    assert after == text[:start] + expected(text[start:end]) + text[end:]
