"""The table of the report about the metrics pipeline."""

from collections.abc import Collection

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.table import LINKS, pipeline_table
from maintainer.model.facts import FleetObservation, Unavailable
from maintainer.model.message import Message, message
from maintainer.model.pipeline import Permissions, PipelineFacts
from maintainer.model.report import Finding
from maintainer.render.words import load, say
from tests.analyse.faults import FAULTS, MISSING_SERVICE, PIPELINE_FAULTS
from tests.analyse.pipeline.builders import (
    LIST_ENDPOINTS,
    controller,
    facts,
    findings,
    gaps,
    pipeline,
    service,
)

ENGLISH = load("en")
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")
ROLLOUTS = "rollouts.argoproj.io, which discovery does not need"


def table(pipeline: Pipeline, chosen: Collection[str] = CHECKS) -> dict[str, tuple[str, str]]:
    """The state of each link and what was observed of it, as text, by check."""
    rows = pipeline_table(pipeline, findings(pipeline), gaps(pipeline), chosen=chosen).rows
    texts = [[say(ENGLISH, cell) if isinstance(cell, Message) else str(cell) for cell in row] for row in rows]
    return {check: (row[1], row[2]) for check, row in zip(LINKS, texts, strict=True)}


def test_each_link_has_a_row_with_what_was_observed() -> None:
    assert table(pipeline()) == {
        "pipeline/service": ("OK", "selects one pod, port metrics → metrics"),
        "pipeline/endpoints": ("OK", "1 ready"),
        "pipeline/selected": ("OK", "no objects of the Prometheus operator"),
        "pipeline/target": ("OK", "one target, 1 up"),
        "pipeline/scrape": ("OK", "no error"),
        "pipeline/emitter": ("OK", "leader emits and holds the Lease"),
        "pipeline/rbac": ("OK", f"may list and watch endpoints, also {ROLLOUTS}"),
        "pipeline/reload": ("OK", "newest configuration loaded"),
        "pipeline/rules-loaded": ("OK", "one alert about Rollouts is loaded; objects that store rules: 1"),
        "pipeline/alertmanager": ("OK", "http://alertmanager:9093, routes read"),
        "pipeline/version": ("OK", "v1.9.2; this tool knows releases up to v1.10"),
    }


def test_a_target_that_is_scraped_twice_is_not_in_order() -> None:
    twice = Finding("coverage/duplicate", "error", (), "two", message("x"), message("x"))
    rows = pipeline_table(pipeline(), [twice], [], chosen=CHECKS).rows

    assert rows[list(LINKS).index("pipeline/target")][1] == message("pipeline-table/state.finding")


def test_a_missing_permission_for_rollouts_is_mentioned() -> None:
    without = Permissions(("monitoring", "prometheus"), granted=(LIST_ENDPOINTS,), rollouts=False)

    assert "not rollouts.argoproj.io" in table(pipeline(facts(rights=without)))["pipeline/rbac"][1]


@pytest.mark.parametrize("id_", [id_ for id_ in PIPELINE_FAULTS if id_.rpartition("/")[0] in LINKS])
def test_the_state_of_a_link_with_a_fault_points_to_its_finding(id_: str) -> None:
    assert table(FAULTS[id_].audit.fleet.pipeline)[id_.rpartition("/")[0]][0] == "See finding"


def test_a_link_that_could_not_be_read_is_not_called_fine() -> None:
    sources = ("prometheus", "cluster")
    unavailable = PipelineFacts(unavailable=tuple(Unavailable(source, WHY) for source in sources))

    assert {state for state, _ in table(pipeline(unavailable, FleetObservation(), rules=None)).values()} == {
        "Not checked"
    }


@pytest.mark.parametrize(
    "pipeline",
    [
        *(pytest.param(fault.audit.fleet.pipeline, id=id_) for id_, fault in FAULTS.items()),
        pytest.param(pipeline(), id="no fault"),
        pytest.param(pipeline(PipelineFacts(), FleetObservation(), rules=None), id="no facts"),
        pytest.param(
            pipeline(facts(rights=Permissions(("a", "b"), foreign=("job",), rollouts=False))), id="foreign discovery"
        ),
        pytest.param(pipeline(facts(rights=Permissions(("a", "b")))), id="no discovery"),
        pytest.param(pipeline(facts(both=controller(service=service(selector={})))), id="no selector"),
        pytest.param(pipeline(facts(both=controller(lease="", holder=""))), id="no Lease"),
        pytest.param(pipeline(facts(alertmanager=None)), id="no routes"),
        pytest.param(pipeline(facts(both=MISSING_SERVICE)), id="no Service"),
    ],
)
def test_every_observation_has_a_text(pipeline: Pipeline) -> None:
    assert not any("pipeline-table/" in text for row in table(pipeline).values() for text in row)


def test_a_link_whose_check_was_not_chosen_is_not_called_fine() -> None:
    states = {check: state for check, (state, _) in table(pipeline(), chosen={"pipeline/service"}).items()}

    assert states.pop("pipeline/service") == "OK"
    assert set(states.values()) == {"Not chosen"}
