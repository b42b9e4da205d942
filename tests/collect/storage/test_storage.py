"""What is read about the storage of a Prometheus, each source alone: what is missing is a gap, and never a number."""

import math
from typing import Any

import pytest

from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.sources import Sources
from maintainer.collect.storage.storage import storage_facts
from maintainer.model.storage import FileRetention, Retention, StorageFacts, Volume
from tests.collect.storage.stored import ANSWERS, BLOCKS, METRICS, NOW, STARTED, page, queried, stored

GIB = 2**30
NOWHERE = Wanted((), (), frozenset())


def read(sources: Sources, disk: int = 50 * GIB) -> StorageFacts:
    return storage_facts(sources, NOWHERE, disk_size=disk)


def lost(facts: StorageFacts) -> set[str]:
    return {why.source for why in facts.unavailable}


def test_all_that_a_server_says_is_read() -> None:
    with stored() as sources:
        facts = read(sources)

    assert facts.unavailable == ()
    assert facts.server is not None
    assert (facts.server.started, facts.server.version) == (Retention(30 * 86400), "3.9.1")
    assert facts.server.blocks_up_to == 3 * 86400
    assert facts.file == FileRetention()
    assert facts.metrics is not None
    assert (facts.metrics.blocks, facts.metrics.head) == (15576871, 1_000_000)
    assert (facts.metrics.oldest, facts.metrics.appended) == (1740873600, 250000)
    assert facts.history is not None
    assert (facts.history.ingest, facts.history.window) == (3.3333, 86400)
    assert facts.history.head_peak == 1_200_000
    assert facts.self_scraped
    assert facts.blocks is not None
    assert [block.samples for block in facts.blocks] == [648000] * len(BLOCKS)
    assert facts.volume == Volume(50 * GIB, "settings")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("storage: {tsdb: {retention: {time: 30d}}}", FileRetention(30 * 86400)),
        ("storage: {tsdb: {retention: {time: 90d, size: 45GiB}}}", FileRetention(90 * 86400, 45 * GIB)),
        ("storage: {tsdb: {outofordertimewindow: 0, retention: {size: 0}}}", FileRetention(None, 0)),
        ("storage: {tsdb: {retention: {percentage: 80}}}", FileRetention(percentage=80)),
        ("storage: {tsdb: {retention: 30d}}", FileRetention()),
        ("storage:\n", FileRetention()),
    ],
)
def test_the_retention_of_the_configuration_is_read(text: str, expected: FileRetention) -> None:
    with stored({**ANSWERS, "status/config": {"yaml": text}}) as sources:
        assert read(sources).file == expected


@pytest.mark.parametrize(
    ("missing", "gaps"),
    [
        ("status/flags", {"limits", "config", "own-metrics", "own-series", "own-past", "blocks", "disk"}),
        ("status/runtimeinfo", {"limits", "config", "own-metrics", "own-series", "own-past", "blocks", "disk"}),
        ("status/config", {"config"}),
        ("status/tsdb/blocks", {"blocks"}),
    ],
)
def test_a_source_that_is_missing_is_a_gap_and_costs_no_other(missing: str, gaps: set[str]) -> None:
    with stored({**ANSWERS, missing: None}) as sources:
        facts = read(sources)

    assert lost(facts) == gaps
    assert (facts.metrics is None) == ("own-metrics" in gaps)


def test_without_its_page_a_server_is_known_by_its_scrape_of_itself() -> None:
    with stored(metrics=None) as sources:
        facts = read(sources)

    assert lost(facts) == set()
    assert facts.metrics is not None
    assert (facts.metrics.blocks, facts.metrics.started) == (15576871, STARTED)


def test_without_its_page_and_with_several_servers_it_is_not_guessed() -> None:
    def several(promql: str) -> list[dict[str, Any]]:
        others = [{"metric": {"job": name}, "value": [NOW, "1"]} for name in ("a", "b")]
        return others if promql.startswith("count by") else queried(promql)

    with stored(metrics=None, results=several) as sources:
        facts = read(sources)

    assert lost(facts) == {"own-metrics", "own-series"}
    assert (facts.metrics, facts.history, facts.self_scraped) == (None, None, None)


def test_a_server_that_another_one_scrapes_does_not_scrape_itself() -> None:
    def others(promql: str) -> list[dict[str, Any]]:
        return queried(promql) if promql.startswith("count by") else []

    with stored(results=others) as sources:
        facts = read(sources)

    assert (facts.self_scraped, facts.history, lost(facts)) == (False, None, set())


def test_a_server_that_has_just_started_may_not_have_scraped_itself_yet() -> None:
    young = {**METRICS, "process_start_time_seconds": NOW - 30}
    with stored(metrics=page(young), results=lambda _: []) as sources:
        facts = read(sources)

    assert facts.self_scraped is None
    assert [(why.source, why.reason.id) for why in facts.unavailable] == [("own-series", "gap/storage-young")]


def test_an_empty_storage_has_no_oldest_sample_and_no_ratio() -> None:
    empty = {
        **METRICS,
        "prometheus_tsdb_storage_blocks_bytes": 0,
        "prometheus_tsdb_lowest_timestamp_seconds": 9.223372036854776e15,
    }
    with stored({**ANSWERS, "status/tsdb/blocks": {"blocks": None}}, metrics=page(empty)) as sources:
        facts = read(sources)

    assert facts.metrics is not None
    assert facts.metrics.oldest is None
    assert facts.blocks == ()
    assert facts.history is not None
    assert facts.history.chunk_sample is None


def test_a_metric_that_is_no_number_is_not_known() -> None:
    with stored(metrics=page({**METRICS, "prometheus_tsdb_storage_blocks_bytes": math.nan})) as sources:
        facts = read(sources)

    assert facts.metrics is not None
    assert facts.metrics.blocks is None


def test_of_thanos_which_stores_nothing_nothing_is_claimed() -> None:
    thanos = {**ANSWERS, "status/flags": {"query.timeout": "2m"}, "status/runtimeinfo": {"storageRetention": ""}}
    with stored(thanos) as sources:
        facts = read(sources)

    assert (facts.server, facts.metrics, facts.blocks, facts.volume) == (None, None, None, None)
    assert {(why.reason.id, why.permanent) for why in facts.unavailable} == {("gap/no-storage", True)}


def test_victoria_metrics_is_named_and_nothing_is_claimed_of_it() -> None:
    with stored({"status/buildinfo": {"version": "2.24.0"}}, scalar=False) as sources:
        facts = read(sources)

    assert {why.reason.id for why in facts.unavailable} == {"gap/no-storage"}
    assert {why.reason.named["who"] for why in facts.unavailable} == {"VictoriaMetrics"}


def test_without_a_prometheus_its_reason_is_the_gap() -> None:
    assert read(Sources(None, None)).unavailable == ()


def test_the_past_of_a_server_is_read_from_its_scrape_of_itself() -> None:
    with stored() as sources:
        growth = read(sources).growth

    assert growth is not None
    assert (len(growth.sizes), len(growth.ingest), len(growth.windows)) == (41, 41, 41)
    assert growth.sizes[-1] == (NOW, 16576871)
    assert growth.windows[0][1] == growth.windows[-1][1] - 10 * 86400
