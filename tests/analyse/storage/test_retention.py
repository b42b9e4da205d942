"""The checks of retention: each trap is a single finding, and a server without one has none."""

from datetime import UTC, datetime, timedelta

import pytest

from maintainer.analyse.storage.arithmetic import DAY, HOUR
from maintainer.analyse.storage.retention import (
    kept_in_archive,
    promised,
    retention_configured,
    retention_configured_gaps,
    retention_effective,
    retention_history,
)
from maintainer.analyse.storage.review import StorageReview
from maintainer.model.byte_size import GIB
from maintainer.model.drift import DesiredObject
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.report import Finding
from maintainer.model.storage import FileRetention, Retention
from tests.analyse.storage.builders import FACTS, NOW, UNREADABLE, limited, metrics, operated, review, stateful_set

FLAG = "--storage.tsdb.retention.time=30d"


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def looking_back(of: StorageReview, days: float) -> StorageReview:
    return StorageReview(of.facts, of.access, of.plans, looks_back={"monthly": DAY, "quarterly": days * DAY})


def test_a_server_that_does_what_it_was_told_has_no_finding() -> None:
    healthy = looking_back(review(), 30)

    assert [*retention_configured(healthy), *retention_effective(healthy), *retention_history(healthy)] == []


def test_a_time_that_deletes_nothing_is_told_with_the_flags_to_set() -> None:
    broken = review(
        file=FileRetention(30 * DAY), metrics=metrics(limit_seconds=-8_990_914_393.046778, limit_bytes=45.0 * GIB)
    )
    finding = only([*retention_configured(broken)])

    assert (finding.severity, finding.cause) == ("error", "time-without-effect")
    assert finding.evidence["values"] == "prometheus:\n  retention:\n    time: 30d\n    size: 45GB"


def test_limits_that_were_taken_out_and_still_delete_are_told() -> None:
    finding = only([*retention_configured(review(metrics=metrics(limit_bytes=10.0 * GIB)))])

    assert (finding.cause, finding.evidence["inForce"]) == ("others-in-force", "30d, 10GB")


@pytest.mark.parametrize("of_file", [FileRetention(90 * DAY), FileRetention(size=20 * GIB)])
def test_a_flag_that_the_configuration_overrules_is_told(of_file: FileRetention) -> None:
    arguments = (FLAG, "--storage.tsdb.retention.size=45GB")
    in_force = metrics(limit_seconds=of_file.time or 30 * DAY, limit_bytes=float(of_file.size or 45 * GIB))
    finding = only(
        [*retention_configured(review(file=of_file, metrics=in_force, deployed=(stateful_set(*arguments),)))]
    )

    assert finding.cause == "file-wins"


def test_a_flag_that_says_the_same_as_the_configuration_is_not_told() -> None:
    of_file = FileRetention(30 * DAY)

    assert [*retention_configured(review(file=of_file, deployed=(stateful_set(FLAG),)))] == []


@pytest.mark.parametrize(
    "objects", [(stateful_set(FLAG), stateful_set("--storage.tsdb.retention.time=90d")), (stateful_set(),)]
)
def test_of_several_deployed_servers_none_is_taken_for_this_one(objects: tuple[DesiredObject, ...]) -> None:
    in_force = metrics(limit_seconds=90 * DAY)

    assert [*retention_configured(review(file=FileRetention(90 * DAY), metrics=in_force, deployed=objects))] == []


def test_the_share_of_a_volume_is_not_compared_with_the_bytes_that_only_the_server_measures() -> None:
    shared = review(file=FileRetention(percentage=80), metrics=metrics(limit_bytes=39.1 * GIB))

    assert [*retention_configured(shared)] == []


def test_what_was_deployed_and_cannot_be_read_is_a_gap_and_that_nothing_was_is_none() -> None:
    nothing = Unavailable("deployed", message("gap/nothing-deployed", releases="a/b"), permanent=True)
    of_another = Unavailable("disk", message("gap/no-claim"), permanent=True)

    gaps = list(retention_configured_gaps(review(unavailable=(UNREADABLE, nothing, of_another))))

    assert [(gap.kind, gap.reason) for gap in gaps] == [("permanent", UNREADABLE.reason)]


def test_a_size_that_deletes_before_the_time_is_told_with_what_the_time_needs() -> None:
    bitten = limited(90 * DAY, 15 * GIB, size_deletions=3.0)
    finding = only([*retention_effective(bitten)])

    assert (finding.cause, finding.evidence["keptDays"]) == ("size", 29.4)
    assert finding.evidence["values"] == (
        "prometheus:\n  retention:\n    time: 90d\n    size: 60GB\n  persistence:\n    size: 67Gi"
    )


def test_a_young_server_that_has_not_deleted_anything_is_only_young() -> None:
    assert [*retention_effective(limited(90 * DAY, 45 * GIB))] == []


def test_a_server_that_keeps_a_block_longer_than_its_time_is_fine() -> None:
    assert [*retention_effective(limited(27.2 * DAY, None))] == []


def test_a_server_that_does_not_delete_is_told() -> None:
    finding = only([*retention_effective(limited(20 * DAY, None))])

    assert (finding.severity, finding.cause) == ("error", "not-deleted")


def test_a_server_that_was_stopped_for_days_has_not_failed_to_delete() -> None:
    stopped = limited(20 * DAY, None, now=NOW + 30 * DAY, oldest=NOW - 20 * DAY, started=NOW + 30 * DAY - HOUR)
    without_list = StorageReview(
        FACTS.__class__(server=stopped.facts.server, metrics=stopped.facts.metrics), stopped.access
    )

    assert [*retention_effective(without_list)] == []


def test_without_metrics_nothing_is_said_of_what_is_kept() -> None:
    assert [*retention_effective(review(metrics=None))] == []


def test_a_job_that_looks_back_further_than_is_kept_is_told_with_the_volume_for_it() -> None:
    finding = only([*retention_history(looking_back(review(), 92))])

    assert (finding.severity, finding.evidence["neededDays"]) == ("warning", {"quarterly": 92.0})
    assert "time: 92d" in str(finding.evidence["values"])
    assert "size: 68Gi" in str(finding.evidence["values"])


@pytest.mark.parametrize(
    ("ages", "recorded", "kept"),
    [((1, 40), False, True), ((4, 40), True, False), ((), True, True), ((), False, False)],
)
def test_alerts_are_kept_in_the_archive_if_they_are_harvested_daily(
    ages: tuple[int, ...], *, recorded: bool, kept: bool
) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)

    assert kept_in_archive([now - timedelta(days=age) for age in ages], now, recorded=recorded) is kept


def test_a_few_days_too_few_are_worth_a_remark_only() -> None:
    assert only([*retention_history(looking_back(limited(90 * DAY, None), 92))]).severity == "info"


def test_what_will_be_kept_is_what_the_size_leaves_of_the_time() -> None:
    assert promised(limited(90 * DAY, 45 * GIB)) == pytest.approx(70.48 * DAY, rel=0.01)
    assert promised(limited(30 * DAY, None)) == 30 * DAY
    assert promised(review(server=None, metrics=None)) is None


def test_the_operators_object_is_told_in_its_own_words() -> None:
    broken = review(
        file=FileRetention(30 * DAY),
        metrics=metrics(limit_seconds=-8_990_914_393.046778),
        deployed=(operated(retention="30d", retentionSize="45GB"),),
    )

    assert only([*retention_configured(broken)]).evidence["values"] == "spec:\n  retention: 30d\n  retentionSize: 45GB"


def test_without_a_limit_of_time_the_history_is_not_known() -> None:
    assert promised(review(metrics=None, server=None)) is None
    assert limited(None, 45 * GIB).in_force == Retention(None, 45 * GIB)
