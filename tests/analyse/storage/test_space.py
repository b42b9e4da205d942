"""The checks of storage: a volume that fills up, a size limit that is none, a log that takes the space of blocks."""

from dataclasses import replace

import pytest

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.space import (
    largest_size,
    storage_headroom,
    storage_headroom_gaps,
    storage_size_cap,
    storage_size_cap_gaps,
    storage_wal,
    storage_wal_gaps,
)
from maintainer.model.byte_size import GIB
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.report import Finding
from maintainer.model.storage import FileRetention, StorageHistory, Volume
from tests.analyse.storage.builders import HISTORY, VOLUME, limited, metrics, review


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def test_a_volume_with_room_and_a_limit_that_fits_it_have_no_finding() -> None:
    assert [*storage_headroom(review()), *storage_size_cap(review()), *storage_wal(review())] == []
    assert [*storage_headroom_gaps(review()), *storage_size_cap_gaps(review()), *storage_wal_gaps(review())] == []


def test_a_server_that_does_not_scrape_itself_is_told_with_the_job_to_add() -> None:
    finding = only([*storage_headroom(review(self_scraped=False, history=None))])

    assert finding.cause == "no-self-scrape"
    assert "job_name: prometheus" in str(finding.evidence["scrapeJob"])


def test_that_it_is_not_known_whether_a_server_scrapes_itself_is_no_finding() -> None:
    assert [*storage_headroom(review(self_scraped=None, history=None))] == []


@pytest.mark.parametrize(
    "volume",
    [Volume(20 * GIB, "claim"), Volume(50 * GIB, "claim", capacity=49.0 * GIB, used=47.0 * GIB)],
    ids=["by its own metrics", "by the kubelet"],
)
def test_a_volume_that_is_nearly_full_is_told(volume: Volume) -> None:
    full = review(volume=volume, metrics=metrics(blocks=19.0 * GIB))

    assert ("error", "full") in [(finding.severity, finding.cause) for finding in storage_headroom(full)]


def test_a_volume_that_is_filled_up_to_its_size_limit_is_as_it_should_be() -> None:
    reached = Volume(50 * GIB, "claim", capacity=49.0 * GIB, used=45.5 * GIB)

    assert [*storage_headroom(review(volume=reached))] == []
    assert [finding.cause for finding in storage_headroom(review(limited(30 * DAY, None).facts, volume=reached))] == [
        "full"
    ]


def test_a_volume_that_fills_up_before_the_time_deletes_is_told_with_both_ways_out() -> None:
    finding = only([*storage_headroom(limited(180 * DAY, None))])

    assert (finding.severity, finding.cause) == ("error", "too-small")
    assert "size: 45GB" in str(finding.evidence["values"])
    assert finding.evidence["valuesLarger"] == (
        'prometheus:\n  retention:\n    time: 180d\n    size: ""\n  persistence:\n    size: 119Gi'
    )


@pytest.mark.parametrize(("limit", "severity"), [(46 * GIB, "warning"), (49 * GIB, "error"), (60 * GIB, "error")])
def test_a_size_limit_that_leaves_no_room_on_the_volume_is_told(limit: int, severity: str) -> None:
    finding = only([*storage_size_cap(limited(30 * DAY, limit))])

    assert (finding.severity, finding.cause) == (severity, "too-large")
    assert "size: 45GB" in str(finding.evidence["values"])


def test_a_size_as_the_only_limit_is_told() -> None:
    finding = only([*storage_size_cap(limited(None, 45 * GIB))])

    assert finding.cause == "no-time"
    assert "time: 5" in str(finding.evidence["values"])


def test_a_time_that_deletes_nothing_is_the_finding_of_another_check() -> None:
    of_file = review(file=FileRetention(30 * DAY), metrics=metrics(limit_seconds=-8_990_914_393.046778))

    assert [*storage_size_cap(of_file)] == []


def test_a_size_that_will_delete_before_the_time_is_told_before_it_does() -> None:
    finding = only([*storage_size_cap(limited(90 * DAY, 45 * GIB))])

    assert (finding.severity, finding.cause) == ("warning", "bites")


def test_a_size_that_deletes_already_is_the_finding_of_another_check() -> None:
    assert [*storage_size_cap(limited(90 * DAY, 45 * GIB, size_deletions=1.0))] == []


def test_a_log_that_takes_a_third_of_the_space_is_told() -> None:
    large = review(history=StorageHistory(5_000, DAY, head_peak=16.0 * GIB))

    assert only([*storage_wal(large)]).severity == "warning"


def test_a_log_that_takes_all_the_space_leaves_no_block() -> None:
    assert only([*storage_wal(review(history=StorageHistory(5_000, DAY, head_peak=46.0 * GIB)))]).severity == "error"


def test_a_version_without_a_metric_of_the_log_is_a_gap() -> None:
    old = review(history=StorageHistory(5_000, DAY), metrics=metrics(wal=None, head_chunks=None))

    assert [gap.reason.id for gap in storage_wal_gaps(old)] == ["gap/storage-no-log"]
    assert [*storage_wal(old)] == []


def test_a_volume_with_little_besides_blocks_shows_that_its_log_is_small() -> None:
    old = metrics(wal=None, head_chunks=None, blocks=20.0 * GIB)
    for besides, gaps in ((10.0, 0), (20.0, 1)):
        measured = replace(VOLUME, used=(20.0 + besides) * GIB)
        unsaid = review(history=StorageHistory(5_000, DAY), metrics=old, volume=measured)
        assert len([*storage_wal_gaps(unsaid)]) == gaps


def test_a_server_that_is_too_young_to_compute_is_a_gap_once() -> None:
    young = review(blocks=(), history=StorageHistory(), metrics=metrics(blocks=0.0, appended=None))
    unread = Unavailable("own-series", message("gap/storage-young"))

    assert [gap.kind for gap in storage_headroom_gaps(young)] == ["passing"]
    assert [gap.kind for gap in storage_size_cap_gaps(young)] == ["passing"]
    assert [*storage_headroom_gaps(review(young.facts, unavailable=(unread,)))] == []


def test_the_largest_size_leaves_a_tenth_and_a_block() -> None:
    assert largest_size(50 * GIB, GIB) == 45 * GIB
    assert largest_size(50 * GIB, 10 * GIB) == 40 * GIB
    assert largest_size(GIB, 2 * GIB) == 0


def test_without_a_volume_only_what_needs_none_is_checked() -> None:
    assert [*storage_headroom(review(volume=None)), *storage_size_cap(review(volume=None))] == []
    assert VOLUME.room == 50 * GIB
    assert HISTORY.head_peak == 1.5 * GIB
