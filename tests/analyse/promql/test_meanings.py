"""What a fault means for the alert or the panel, and that the catalogue has every sentence."""

from pathlib import Path
from typing import get_args

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.analyse.queries.lint import remarks
from maintainer.model.message import Message
from maintainer.model.pipeline import StoredHistograms
from maintainer.model.queries import Asks
from maintainer.model.report import SEVERITIES
from maintainer.render.words import load, say
from tests.analyse.promql.builders import query, remarked
from tests.analyse.promql.test_verdicts import TABLE

ENGLISH = load("en")
OF_THE_AUDIT = (
    "query/remarked.summary",
    "query/no-data/",
    "query/error/",
    "query/not-checked.variable",
    "query/not-checked.all-metrics",
    "query/not-checked.samples",
)
"""What only a run with a cluster says of a query."""
SENTENCES = {
    id_: entry
    for id_, entry in ENGLISH.entries.items()
    if id_.startswith("query/")
    and not id_.startswith(OF_THE_AUDIT)
    and not id_.endswith((".action", ".means", ".remedy", ".why"))
}
PAGES = Path(__file__).parents[3] / "docs" / "checks"
ASKS: tuple[Asks, ...] = get_args(Asks)

MEANS: dict[tuple[Asks, str], str] = {
    ("alert", 'rollout_info{phase="Degraded"} == 1'): "This alert can never fire.",
    ("panel", 'sum(rollout_info{phase="Degraded"})'): "This panel is always empty.",
    ("panel", 'sum(rollout_info{phase="Degraded"}) or vector(0)'): "This panel always shows 0.",
    ("panel", 'absent(rollout_info{phase="Healthy"})'): "This panel always shows 1.",
    ("alert", 'absent(rollout_info{phase="Healthy"})'): "This alert always fires.",
    ("alert", 'up == 0 or absent(rollout_info{phase="Healthy"})'): "This alert always fires.",
    ("alert", 'up == 0 and on() absent(rollout_info{phase="Healthy"})'): (
        "This part of the query is always true; the rest may be right."
    ),
    (
        "alert",
        'rollout_info{phase!="Healthy"}',
    ): "This alert fires for every series that it selects, whatever the state.",
    (
        "alert",
        'rollout_phase{phase="Paused"}',
    ): "This alert fires for every series that it selects, whatever the state.",
    ("alert", 'up == 0 or rollout_info{phase="Degraded"}'): (
        "This part of the query never gives a result; the rest may still match."
    ),
    ("alert", '(count(rollout_info{phase="Degraded"}) or vector(0)) > 3'): "This alert can never fire.",
    ("panel", 'rollout_info{rollout=~"$rollout"}'): "Nothing matches as soon as a value is chosen for the variable.",
    ("panel", 'sum(rollout_info{canary_weight!=""})'): "This panel is always empty.",
    (
        "panel",
        'sum(rollout_info{canary_weight!="20"})',
    ): "This panel shows every series that it selects, whatever the state.",
    ("panel", "sum by (rollout) (rollout_info)"): "No series has this label, so all of them end up in one group.",
    ("record", "argo_rollout_info"): "This rule never records a value.",
    ("variable", "label_values(rollout_info, rollout)"): "This variable never offers a value.",
    ("annotation", 'rollout_info{phase="Healthy"}'): "This annotation never appears.",
}


@pytest.mark.parametrize(("asks", "text"), MEANS, ids=[" ".join(key) for key in MEANS])
def test_what_it_means(asks: Asks, text: str) -> None:
    assert say(ENGLISH, remarked(text, asks)[0].means) == MEANS[asks, text]


def test_why_names_the_family_the_matcher_and_what_is_possible() -> None:
    (remark,) = remarked('rollout_info{phase="Degraded"}')
    assert say(ENGLISH, remark.why) == (
        'rollout_info never has phase="Degraded": the controller emits'
        " InvalidSpec, Completed, Progressing, Paused, Timeout, Error, Abort."
    )


def _said(message: Message) -> set[str]:
    inner = (value for _, value in message.params if isinstance(value, Message))
    assert say(ENGLISH, message)
    return {message.id}.union(*map(_said, inner))


def test_every_sentence_is_used_and_can_be_said() -> None:
    texts = [text for _, text, _ in TABLE]
    texts += ["rollout_info + " * 700 + "rollout_info > 2", "rollout_info + offset > 2", "rollout_phase > 1"]
    texts += [
        "time() - argo_rollout_info > 60",
        'rollout_events_total{reason="QQQ"}',
        'rollout_info{phase=~"Abort|QQQ"}',
    ]
    texts += [f'up {kind} absent(rollout_info{{phase="Healthy"}})' for kind in ("and on ()", "or")]
    found = [remark for asks in ASKS for text in texts for remark in remarked(text, asks)]
    found += remarked("rollout_info_replicas_updated", version=(1, 3, 0))
    found += remarked('rollout_info{phase="Paused"}', version=(0, 9, 0))
    found += remarks([query("argo_rollout_info", "record", "made"), query("made > 1")], version=None)
    for stored in (StoredHistograms(), StoredHistograms(classic=False, native=True)):
        either = [query("rollout_reconcile"), query("rollout_reconcile_bucket")]
        found += remarks(either, version=None, histograms=stored)
    used = set[str]().union(*(_said(words) for remark in found for words in (remark.why, remark.means)))
    assert used == set(SENTENCES)


def test_every_check_is_a_row_with_its_worst_severity_and_has_a_page() -> None:
    found = [remark for asks, text, _ in TABLE for remark in remarked(text, asks)]
    worst = {
        check: min((one.severity for one in found if one.check == check), key=SEVERITIES.index)
        for check in {one.check for one in found}
    }
    assert len(worst) == 6
    assert worst == {check: CHECKS[check].severity for check in worst}
    for check in worst:
        assert (PAGES / f"{check}.md").read_text(encoding="utf-8").startswith(f"# {check}\n")
