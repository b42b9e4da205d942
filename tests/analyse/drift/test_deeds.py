"""What a report says of what was done to an object."""

import pytest

from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.deeds import (
    actions,
    deed_gaps,
    plan_sections,
    restored_figures,
    restoring_sections,
    undone_sections,
)
from maintainer.model.message import message
from maintainer.model.restoring import Deed, NotRestored, RestoringPlan
from maintainer.model.sections import Diff, Table
from tests.analyse.drift.builders import config_map
from tests.analyse.drift.faults import ALERTS, audited, deployed, edited, service


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (edited(ALERTS.replace("5m", "1h")), "restoring/restored.loaded"),
        (audited((deployed(config_map({"alerts.yml": ALERTS})), None)), "restoring/recreated.loaded"),
        (audited((deployed(service(app="a")), None)), "restoring/recreated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_what_prometheus_reads_it_is_said_that_it_has_loaded_it(before: DriftAudit, said: str) -> None:
    (found,) = before.objects
    (action,) = actions([Deed("restored", found.desired.id)], before)
    assert action.detail.id == said


WHY = message("restoring/changed")
BEFORE = edited(ALERTS.replace("5m", "1h"))
ID = BEFORE.objects[0].desired.id


@pytest.mark.parametrize(
    ("kind", "said"), [("rolled-back", WHY.id), ("undone", WHY.id), ("unknown", WHY.id), ("reloaded", WHY.id)]
)
def test_what_was_done_to_the_cluster_is_said_with_its_reason(kind: str, said: str) -> None:
    (action,) = actions([Deed(kind, ID, WHY)], BEFORE)  # type: ignore[arg-type] # a kind
    assert (action.kind, action.subject, action.detail.id) == (kind, ID.subject, said)


@pytest.mark.parametrize("kind", ["refused", "failed", "changed", "unloaded"])
def test_what_was_not_written_is_not_among_what_was_done(kind: str) -> None:
    assert actions([Deed(kind, ID, WHY)], BEFORE) == ()  # type: ignore[arg-type] # a kind


def test_what_a_killed_run_had_written_already_is_said_to_be_ended() -> None:
    (action,) = actions([Deed("restored", ID)], audited())
    assert action.detail.id == "restoring/ended"


def test_what_could_not_be_written_is_a_gap_and_what_would_not_help_is_none() -> None:
    kinds = ("restored", "rolled-back", "undone", "refused", "failed", "changed", "reloaded", "unloaded", "unknown")
    gaps = [(kind, *deed_gaps([Deed(kind, ID, WHY)])) for kind in kinds]  # type: ignore[arg-type] # kinds
    assert [kind for kind, *found in gaps if found] == ["failed", "changed", "unknown"]
    (passing,), (permanent,) = (tuple(deed_gaps([Deed("failed", ID, WHY, lasts)])) for lasts in (False, True))
    assert (passing.kind, permanent.kind) == ("passing", "permanent")


def test_only_what_was_restored_is_counted() -> None:
    deeds = [Deed("restored", ID), Deed("failed", ID, WHY)]
    assert restored_figures(deeds) == {"objects.restored": 1}
    assert restored_figures(deeds[1:]) == {}


def test_what_was_restored_is_shown_as_a_table_and_a_diff_and_what_was_not_with_the_command() -> None:
    table, shown = restoring_sections([Deed("restored", ID)], RestoringPlan(), before=BEFORE)
    assert isinstance(table, Table)
    assert isinstance(shown, Diff)
    (left,) = restoring_sections([Deed("refused", ID, WHY)], RestoringPlan(), before=BEFORE)
    assert isinstance(left, Table)
    ((name, why, command),) = left.rows
    assert (name, why, str(command).split()[0]) == (str(ID.subject), WHY, "helm")


def test_a_plan_says_what_it_leaves() -> None:
    nothing, left = plan_sections(RestoringPlan((), (NotRestored(ID, WHY),)), BEFORE)
    assert isinstance(nothing, Table)
    assert nothing.rows == ()
    assert nothing.lead
    assert nothing.lead.id == "restoring/plan.nothing"
    assert isinstance(left, Table)
    assert left.rows[0][1] == WHY


def test_that_there_was_nothing_to_undo_is_said() -> None:
    (text,) = undone_sections(())
    assert [paragraph.id for paragraph in text.paragraphs] == ["restoring/undo.nothing"]
    assert [*undone_sections([Deed("undone", ID, WHY)])] == []
