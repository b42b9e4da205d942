"""The semi-annual review where a source is missing: a gap for each, the rest reported, and never a wrong number."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from maintainer.errors import EXIT_INCOMPLETE
from tests.collect.storage.stored import METRICS, page
from tests.scenarios.halves import CORE, OBJECTS, SAID, Half, gaps, without

pytestmark = pytest.mark.extended

WHOLE = Half()
NUMBERS = {
    "kept.days": 30.1,
    "retention.days": 30,
    "storage.bytes-per-sample": 1.85,
    "storage.gib": 20,
    "storage.samples-per-second": 3.3,
    "storage.series": 200,
    "volume.gib": 50,
}
OF_STORAGE = {
    "retention/configured", "retention/effective", "retention/history", "storage/forecast", "storage/headroom",
    "storage/size-cap", "storage/wal",
}  # fmt: skip
OPTIONS = {"storage/option.bars", "storage/option.title", "storage/horizon.title"}
USAGE = {"storage.bytes-per-sample", "storage.samples-per-second"}
UNREAD = ("cardinality/top", "unread")
POD = OBJECTS[f"{CORE}/pods"]["items"][0]
THANOS = {
    **{path: SAID[path] for path in ("status/buildinfo", "rules", "targets")},
    "status/runtimeinfo": {"startTime": "2025-03-31T05:46:40Z"},
    "status/flags": {"query.timeout": "2m"},
    "status/tsdb": {"headStats": {"numSeries": 0, "chunkCount": 0, "minTime": 0, "maxTime": 0}},
}
VICTORIA = {
    **{path: SAID[path] for path in ("rules", "targets")},
    "status/buildinfo": {"version": "2.24.0"},
    "status/config": {"yaml": ""},
    "status/tsdb": {"totalSeries": 217, "seriesCountByMetricName": [{"name": "m_float", "value": 40}]},
}


def said(path: str, answer: Any = None) -> Mapping[str, Any]:
    """The server's answers with another one; ``None`` is that it refuses."""
    return {**SAID, path: answer}


@dataclass(frozen=True)
class Missing:
    """A server without something: what becomes a gap, by the id of its reason; which figures are not known then."""

    half: Half
    gaps: Mapping[str, set[str]]
    unknown: set[str] = field(default_factory=set)
    changed: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[tuple[str, str], ...] = (UNREAD,)
    permanent: bool = True


CLAIM = f"{CORE}/persistentvolumeclaims/data-0"
BOARD = f"{CORE}/configmaps/grafana-dashboard-argo-rollouts"
OWN = {"storage.gib": 0.015}
EMPTY = {
    **METRICS,
    "prometheus_tsdb_storage_blocks_bytes": 0,
    "prometheus_tsdb_lowest_timestamp_seconds": 9.223372036854776e15,
}
CASES: Mapping[str, Missing] = {
    "nothing": Missing(WHOLE, {}),
    "no scrape of itself": Missing(
        replace(WHOLE, results=without("process_start_time_seconds", "prometheus_tsdb_")),
        {"gap/storage-no-past": {"storage/forecast"}},
        findings=(("storage/headroom", "no-self-scrape"), UNREAD),
    ),
    "no page of its own": Missing(replace(WHOLE, metrics=None), {}),
    "neither page nor scrape": Missing(
        replace(WHOLE, metrics=None, results=without("process_start_time_seconds", "prometheus_tsdb_")),
        {
            "gap/web-not-found": OF_STORAGE,
            "gap/storage-unseen": {"storage/forecast", "storage/headroom", "storage/size-cap", "storage/wal"},
        },
        unknown={*USAGE, "kept.days", "storage.series"},
    ),
    "no kubelet": Missing(replace(WHOLE, results=without("kubelet")), {}, changed=OWN),
    "a claim that is forbidden": Missing(
        replace(WHOLE, objects={**OBJECTS, CLAIM: None}),
        {"gap/cluster-forbidden-in-namespace": {"storage/headroom"}},
        unknown={"volume.gib"},
        changed=OWN,
    ),
    "no claim": Missing(
        replace(
            WHOLE,
            objects={
                **OBJECTS,
                f"{CORE}/pods": {"metadata": {}, "items": [{**POD, "spec": {**POD["spec"], "volumes": []}}]},
            },
        ),
        {"gap/no-claim": {"storage/headroom"}},
        unknown={"volume.gib"},
        changed=OWN,
    ),
    "status/tsdb forbidden": Missing(
        replace(WHOLE, said=said("status/tsdb")), {"gap/prometheus-refused": {"cardinality/top"}}
    ),
    "no blocks listed": Missing(
        replace(WHOLE, said=said("status/tsdb/blocks")),
        {"gap/prometheus-refused": {"storage/size-cap"}, "gap/storage-no-usage": {"storage/headroom"}},
        unknown=USAGE,
        permanent=False,
    ),
    "no flags": Missing(
        replace(WHOLE, said=said("status/flags")), {"gap/prometheus-refused": OF_STORAGE}, unknown=set(NUMBERS)
    ),
    "no configuration": Missing(
        replace(WHOLE, said=said("status/config")), {"gap/prometheus-refused": {"retention/configured"}}
    ),
    "no rules": Missing(
        replace(WHOLE, said=said("rules")), {"gap/prometheus-refused": {"cardinality/top"}}, findings=()
    ),
    "dashboards forbidden": Missing(
        replace(WHOLE, objects={**OBJECTS, BOARD: None}),
        {"gap/cluster-forbidden-in-namespace": {"cardinality/top"}},
        findings=(),
    ),
    "a dashboard that is broken": Missing(
        replace(WHOLE, objects={**OBJECTS, BOARD: {**OBJECTS[BOARD], "data": {"d.json": '{"panels": [rollout_phase'}}}),
        {"gap/dashboard-broken": {"cardinality/top"}},
        findings=(),
    ),
    "no controller": Missing(
        replace(WHOLE, results=without("rollout_info", "__name__")),
        {"gap/no-controller-series": {"cardinality/churn", "cardinality/top"}},
        findings=(),
        permanent=False,
    ),
    "an empty storage": Missing(
        replace(WHOLE, said=said("status/tsdb/blocks", {"blocks": None}), metrics=page(EMPTY)),
        {"gap/storage-no-usage": {"storage/headroom"}},
        unknown={*USAGE, "kept.days"},
        permanent=False,
    ),
    "bytes that are no number": Missing(
        replace(WHOLE, metrics=page({**METRICS, "prometheus_tsdb_storage_blocks_bytes": math.nan})),
        {"gap/storage-no-usage": {"storage/headroom"}, "gap/storage-no-past": {"storage/forecast"}},
        unknown=USAGE,
        permanent=False,
    ),
    "Thanos": Missing(
        replace(WHOLE, said=THANOS, metrics=b"process_start_time_seconds 1\n"),
        {"gap/no-storage": OF_STORAGE, "gap/no-head-statistics": {"cardinality/top"}},
        unknown=set(NUMBERS),
    ),
    "VictoriaMetrics": Missing(
        replace(WHOLE, said=VICTORIA, metrics=b"process_start_time_seconds 1\n", scalar=False),
        {
            "gap/no-storage": OF_STORAGE,
            "gap/no-head-statistics": {"cardinality/top"},
            "gap/no-ruler": {"cardinality/top"},
        },
        unknown=set(NUMBERS),
        findings=(),
    ),
}


@pytest.mark.parametrize("missing", CASES.values(), ids=list(CASES))
def test_what_is_missing_is_a_gap_and_the_rest_is_reported(missing: Missing, tmp_path: Path) -> None:
    outcome = missing.half.reviewed(tmp_path)
    report = outcome.report

    assert gaps(outcome) == missing.gaps
    assert outcome.exit_code == (EXIT_INCOMPLETE if missing.gaps else 0)
    assert all(gap.kind == "permanent" for gap in report.gaps) == missing.permanent
    assert [(finding.check, finding.cause) for finding in report.findings] == list(missing.findings)
    figures = {name: value for name, value in report.figures.items() if name in NUMBERS}
    assert figures == {
        name: value for name, value in {**NUMBERS, **missing.changed}.items() if name not in missing.unknown
    }
    options = {section.title.id for section in report.sections} & OPTIONS
    assert (options == {"storage/option.title"}) == bool(missing.unknown & USAGE)
    assert not {"NaN", "Infinity", "-1"} & set(json.dumps(outcome.document["figures"]).replace(",", " ").split())


def test_a_volume_of_the_settings_needs_no_claim(tmp_path: Path) -> None:
    outcome = CASES["no claim"].half.reviewed(tmp_path, **{"storage.diskSize": "40Gi"})

    assert (gaps(outcome), outcome.exit_code) == ({}, 0)
    assert outcome.report.figures["volume.gib"] == 40


def test_the_lines_that_are_proposed_never_shrink_the_volume(tmp_path: Path) -> None:
    young = page({**METRICS, "prometheus_tsdb_retention_limit_seconds": 7200})
    outcome = replace(WHOLE, said=said("status/runtimeinfo", {"storageRetention": "2h"}), metrics=young).reviewed(
        tmp_path
    )

    proposed = [str(one.evidence[key]) for one in outcome.report.findings for key in one.evidence if "alues" in key]
    assert [text for text in proposed if "persistence" in text]
    assert all("size: 50Gi" in text for text in proposed if "persistence" in text)
