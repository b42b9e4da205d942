"""Whatever a linted file holds, lint ends in remarks or in a sentence, and a correction changes queries alone."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from maintainer.analyse.queries.lint import remarks
from maintainer.deliver.rewrite import rewrite
from maintainer.jobs import lint as job
from maintainer.jobs.lint import Source
from maintainer.render.lint import rendered
from maintainer.render.lint_document import Lint, document
from maintainer.render.words import load
from tests.fuzz.effort import FUZZ
from tests.fuzz.mutations import mutated_bytes, mutated_tree

TESTS = Path(__file__).parents[1]
SEEDS = tuple(
    (file.suffix, file.read_bytes())
    for folder in ("lint/cases", "lint/judged")
    for file in sorted((TESTS / folder).iterdir())
)
CATALOGUE = load("en")
LINTER = partial(remarks, version=None)
ACTIVE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that act on a terminal; lines and tabs are the output's own."""

QUERY_PARTS = re.compile(r"""(?:=~|!~|!=|=)\s*(?P<quote>\\*["'`]+).*?(?P=quote)|[\w:]+""", re.DOTALL)
"""What a correction may change of a query: names, and operators with quoted values."""


METRIC = re.compile("rollout|analysis_?run|experiment")


@st.composite
def contents(draw: st.DrawFn) -> tuple[str, bytes]:
    """The suffix and the bytes of a file: a seed with mutations of its bytes, of its document, or of both."""
    suffix, seed = draw(st.sampled_from(SEEDS))
    if not draw(st.integers(0, 2)):
        return suffix, draw(mutated_bytes(seed))
    trees = draw(mutated_tree(_trees(seed)))
    if draw(st.booleans()):
        trees = {"kind": "ConfigMap", "data": {"a.json": json.dumps(trees)}}
    text = (_as_yaml(trees) if draw(st.booleans()) else json.dumps(trees)).encode("utf-8", "surrogatepass")
    suffixes = [".yaml", ".YML", ""] if text[:1] not in b"[{" else [".yaml", ".json", ""]
    return draw(st.sampled_from(suffixes)), draw(mutated_bytes(text)) if not draw(st.integers(0, 3)) else text


def _trees(seed: bytes) -> Any:
    try:
        return list(yaml.safe_load_all(seed))
    except yaml.YAMLError:
        return seed.decode()


def _as_yaml(tree: Any) -> str:
    return str(yaml.safe_dump(tree, allow_unicode=True))


@FUZZ
@given(contents())
def test_a_hostile_file_ends_in_remarks_or_in_a_sentence(suffix_and_content: tuple[str, bytes]) -> None:
    suffix, content = suffix_and_content
    with TemporaryDirectory() as folder:
        path = Path(folder, f"file{suffix}")
        path.write_bytes(content)
        sources, unreadable = job.sources([str(path)], str)
        assert len(sources) + len(unreadable) == 1
        event("read" if sources else "said to be broken")
        for error in unreadable:
            assert str(error).startswith((f"{path}:", f"cannot read {path}"))
        assert_every_format_is_sound(job.lint(sources, LINTER))
        for source in job.fixed(sources, LINTER):
            event(f"corrected: {source.text != source.before}")
            assert_only_queries_changed(source)
            rewrite(source.file, source.before, source.text)
            assert path.read_bytes() == content.replace(source.before.encode(), source.text.encode())
            assert_every_format_is_sound(job.left(job.lint((source,), LINTER), (source,)))


def assert_every_format_is_sound(linted: Lint) -> None:
    worded = document(linted, CATALOGUE, version="1.2.3", docs_url="")
    assert not ACTIVE.search(rendered(worded, "text", CATALOGUE))
    assert (
        len(rendered(worded, "github", CATALOGUE).splitlines()) == len(worded["remarks"]) + len(worded["unchecked"]) + 1
    )
    assert json.loads(rendered(worded, "json", CATALOGUE))["schema"] == "maintainer.lint/v1"
    log = json.loads(rendered(worded, "sarif", CATALOGUE))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert location["physicalLocation"]["artifactLocation"]["uri"].isascii()


def assert_only_queries_changed(source: Source) -> None:
    """Read with PyYAML or json, both texts have the same leaves, and a leaf that differs does so in its query parts."""
    if source.text == source.before:
        return
    before, after = (QUERY_PARTS.sub("", text) for text in (source.before, source.text))
    assert before == after
    was, now = _leaves(source.before), _leaves(source.text)
    assert len(was) == len(now)
    for old, new in zip(was, now, strict=True):
        assert old == new or METRIC.search(old)


def _leaves(text: str) -> list[str]:
    try:
        return [*_walked(json.loads(text))]
    except ValueError:
        # As lint, with libyaml, which takes some texts that PyYAML's own parser refuses.
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        return [event.value for event in events if isinstance(event, yaml.ScalarEvent)]


def _walked(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from _walked(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _walked(item)
    else:
        yield str(tree)
