"""Corrections of random mistakes, evaluated by a real Prometheus, and queries of other programs."""

import re
from random import Random

from maintainer.analyse.queries.lint import remarks
from tests.analyse.promql.builders import CURRENT, promtool, query, remarked
from tests.analyse.promql.foreign_queries import foreign_queries
from tests.analyse.promql.mutations import Mutated, mutated
from tests.analyse.promql.test_properties import unit_tests
from tests.analyse.promql.whole_contract import kinds, whole_contract

CORRECTIONS = 500
FOREIGN = 1000
KINDS = {"total": "counter"}
_NAME = re.compile(r"([a-z_]\w*)\{")
_PROMISES = re.compile(r"\w+_(bucket|count|sum|total|created)")


def corrections(count: int) -> list[tuple[Mutated, str]]:
    """So many different queries with mistakes, each with its correction."""
    found: dict[Mutated, str] = {}
    for wrong in mutated(Random(12)):
        right = next((remark.corrected for remark in remarked(wrong.text) if remark.corrected), "")
        if right:
            found[wrong] = right
        if len(found) == count:
            break
    return list(found.items())


def test_every_correction_can_return_a_sample_and_keeps_the_kind_of_its_metric() -> None:
    found = corrections(CORRECTIONS)
    for wrong, right in found:
        written, kept = _NAME.findall(wrong.text)[0], _NAME.findall(right)[0]
        promised = _PROMISES.fullmatch(written)
        meant = kinds().get(written) or (promised and KINDS.get(promised[1], promised[1])) or kinds()[wrong.origin]
        assert kinds()[kept] == meant, (wrong, right)
        assert not any(remark.severity == "error" for remark in remarked(right) if remark.about not in wrong.text)
    alive = [(right, "something") for _, right in found if not right.startswith("absent(")]
    assert len(alive) > CORRECTIONS * 0.9
    assert promtool(["test", "rules"], unit_tests(list(whole_contract()), alive)) == ""


def test_queries_of_other_programs_get_no_remark() -> None:
    queries = [query(text) for text in foreign_queries(Random(12), FOREIGN)]
    assert len({one.text for one in queries}) == FOREIGN
    assert [(remark.query.text, remark.check) for remark in remarks(queries, version=CURRENT)] == []
    # promtool 2.42 does not know names in UTF-8.
    texts = [one.text for one in queries if not one.text.startswith('{"')]
    every = [{"record": f"foreign_{number}", "expr": text} for number, text in enumerate(texts)]
    assert promtool(["check", "rules"], {"groups": [{"name": "foreign", "rules": every}]}) == ""
