"""Remarks checked by a real Prometheus: promtool evaluates the queries on series that keep the contract."""

import re
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maintainer.analyse.queries.lint import remarks
from maintainer.deliver.fix import corrections
from maintainer.model.queries import Query, Remark
from maintainer.model.source_text import spliced
from tests.analyse.promql.builders import promtool, query
from tests.analyse.promql.generated_queries import QUERIES
from tests.analyse.promql.worlds import worlds

BATCH = 25
BATCHES = 20
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
# Each case starts promtool, which names the expression that fails: there is nothing to gain from shrinking.
NAME = re.compile(r"[a-z_]+\b")
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


def expected(query: Query, found: Sequence[Remark]) -> list[tuple[str, str]]:
    """Expressions that follow from the remarks, each with what it must give: "nothing" or "something"."""
    claims = []
    for remark in found:
        means = remark.means.id.removeprefix("query/means.").partition(".")[0]
        if means == "never":
            claims.append((query.text, "nothing"))
        elif means in {"always", "constant"}:
            claims.append((query.text, "something"))
        elif remark.check == "query/always-true" and remark.about != remark.query.text:
            claims += [(f"({wider}) unless ({query.text})", "nothing") for wider in without(remark)]
    return claims


def without(remark: Remark) -> list[str]:
    """The query without the matcher or the comparison that is said to be always true, if that is a simple one."""
    text, about = remark.query.text, remark.about
    if text.count(about) != 1 or "absent" in text or "unless" in text:
        return []
    if remark.why.id == "query/always-true.value":
        return [text.replace(about, 'job!=""')]
    return [text.replace(about, "")] if remark.why.id == "query/always-true.comparison" else []


def unit_tests(world: Sequence[tuple[str, str]], claims: Sequence[tuple[str, str]]) -> object:
    """A file for ``promtool test rules``: after 20 minutes each expression gives nothing, or something."""
    return {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": series, "values": values} for series, values in world],
                "promql_expr_test": [
                    {
                        "expr": text if what == "nothing" else f"group({text})",
                        "eval_time": "20m",
                        "exp_samples": [] if what == "nothing" else [{"labels": "{}", "value": 1}],
                    }
                    for text, what in claims
                ],
            }
        ],
    }


@settings(max_examples=BATCHES, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(worlds(), st.lists(QUERIES, min_size=BATCH, max_size=BATCH))
def test_what_is_called_dead_never_returns_a_sample_and_what_is_called_always_true_always_does(
    world: list[tuple[str, str]], texts: list[str]
) -> None:
    found = [(original, remarks([original], version=(1, 9, 2))) for original in map(query, texts)]
    claims = [claim for original, own in found for claim in expected(original, own)]
    assert promtool(["test", "rules"], unit_tests(world, claims)) == ""


@settings(max_examples=BATCHES, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(st.lists(QUERIES, min_size=BATCH, max_size=BATCH))
def test_every_corrected_query_parses_and_differs_only_where_it_says(texts: list[str]) -> None:
    found = [remark for remark in remarks([*map(query, texts)], version=(1, 9, 2)) if remark.corrected]
    for remark in found:
        assert only_there(remark)
    rules = [{"record": f"corrected_{number}", "expr": remark.corrected} for number, remark in enumerate(found)]
    assert promtool(["check", "rules"], {"groups": [{"name": "corrected", "rules": rules}]}) == ""


def only_there(remark: Remark) -> bool:
    """Whether the corrected text has other names and matchers in their places and is the original elsewhere."""
    text, corrected = remark.query.text, remark.corrected
    edits = corrections(text, corrected)
    return bool(edits) and spliced(text, edits) == corrected and all(NAME.match(edit.text) for edit in edits)
