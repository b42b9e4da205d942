"""The day on which a volume is full or a size limit deletes is told; what no week of sizes shows is a gap."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.crossing import Crossing
from maintainer.analyse.storage.forecast import FORECAST, forecast_area, storage_forecast, storage_forecast_gaps, when
from maintainer.analyse.storage.growth import KIND, as_data, joined
from maintainer.analyse.storage.review import StorageReview, with_outlook
from maintainer.analyse.storage.space import storage_size_cap
from maintainer.model.byte_size import GIB
from maintainer.model.facts import Unavailable
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from maintainer.model.report import Finding
from maintainer.model.storage import Retention, StorageGrowth, StorageHistory
from tests.analyse.storage.builders import NOW, SERVER, metrics, review

STORED = 20.0


def growing(*, a_day: float, days: int = 20, window: float | None = None) -> StorageGrowth:
    """Sizes that reach 20 GiB now, growing by so many GiB a day; ``window`` are the days that are kept now."""
    times = [NOW - step * DAY / 4 for step in reversed(range(days * 4 + 1))]
    sizes = tuple((at, (STORED - (NOW - at) / DAY * a_day) * GIB) for at in times)
    windows = tuple((at, window * DAY - (NOW - at)) for at in times) if window else ()
    return StorageGrowth(sizes, tuple((at, 5000.0) for at in times), windows)


def reviewed(growth: StorageGrowth, *, limits: Retention, **otherwise: Any) -> StorageReview:
    """The review of a server that stores 20 GiB, alone on a volume of 50 GiB."""
    stored = metrics(
        blocks=STORED * GIB,
        wal=0.0,
        head_chunks=0.0,
        limit_bytes=float(limits.size or 0),
        limit_seconds=limits.time or 0.0,
    )
    facts = {"metrics": stored, "server": replace(SERVER, started=limits, runtime=""), "growth": growth, **otherwise}
    return with_outlook(review(**facts), growth)


def told(of: StorageReview) -> Finding:
    (finding,) = storage_forecast(of)
    assert finding.check == FORECAST
    return finding


def day(after: float) -> str:
    return datetime.fromtimestamp(NOW + after * DAY, UTC).date().isoformat()


@pytest.mark.parametrize(("a_day", "after", "severity"), [(0.5, 60, "warning"), (2.0, 15, "error")])
def test_the_day_on_which_the_volume_is_full_is_told(a_day: float, after: float, severity: str) -> None:
    finding = told(reviewed(growing(a_day=a_day), limits=Retention(365 * DAY)))
    assert (finding.cause, finding.severity) == ("full", severity)
    assert finding.evidence["expected"] == finding.evidence["earliest"] == finding.evidence["latest"] == day(after)


def test_the_day_on_which_the_size_limit_deletes_is_told_once() -> None:
    of = reviewed(growing(a_day=0.5), limits=Retention(365 * DAY, 40 * GIB))
    finding = told(of)
    # The size itself reaches the limit on the 40th day; a block that is compacted before has no room any more.
    assert (finding.cause, finding.evidence["expected"], finding.evidence["latest"]) == ("cap", day(39), day(40))
    assert "size: " in str(finding.evidence["values"])
    assert "bites" not in [each.cause for each in storage_size_cap(of)]


def test_days_that_are_one_are_said_once() -> None:
    assert [when(Crossing(400.2, 400.1, latest)).id for latest in (400.3, 401.3)] == [
        "storage/forecast.when.sure",
        "storage/forecast.when",
    ]


def test_a_volume_of_which_others_use_a_part_is_full_earlier() -> None:
    limits = Retention(365 * DAY)
    of = reviewed(growing(a_day=0.5), limits=limits)
    assert of.facts.volume
    shared = replace(of.facts.volume, used=(STORED + 10) * GIB, capacity=50.0 * GIB)
    assert told(reviewed(growing(a_day=0.5), limits=limits, volume=shared)).evidence["expected"] == day(40)


def test_a_log_that_no_metric_shows_takes_its_part_of_the_limit() -> None:
    limits, growth = Retention(365 * DAY, 40 * GIB), growing(a_day=0.2)
    unseen = {"wal": None, "head_chunks": None, "limit_bytes": 40.0 * GIB, "limit_seconds": None}
    old = metrics(blocks=STORED * GIB, **unseen)
    of = reviewed(growth, limits=limits, metrics=old, history=StorageHistory(5_000, DAY))

    assert of.usage
    assert of.outlook
    assert of.outlook.cap
    taken = of.usage.head / GIB
    assert 0.5 < taken < 1
    assert of.outlook.cap.latest == pytest.approx(NOW / DAY + (20 - taken) / 0.2, abs=0.01)


def test_a_young_server_is_not_told_of_days_that_it_will_delete() -> None:
    """20 of 30 days are there, and a day of them is a GiB: it will be 33 GiB with the longest block, and no more."""
    growth = growing(a_day=1.0, window=20)
    assert list(storage_forecast(reviewed(growth, limits=Retention(30 * DAY)))) == []
    assert told(reviewed(growth, limits=Retention(90 * DAY))).evidence["expected"] == day(30)


@pytest.mark.parametrize("a_day", [0.0, -0.1, 0.1])
def test_what_is_not_reached_before_the_next_review_is_no_finding(a_day: float) -> None:
    of = reviewed(growing(a_day=a_day), limits=Retention(365 * DAY))
    assert list(storage_forecast(of)) == []
    assert list(storage_forecast_gaps(of)) == []
    assert list(forecast_area(of))


def test_less_than_a_week_is_a_gap() -> None:
    of = reviewed(growing(a_day=5.0, days=6), limits=Retention(365 * DAY))
    assert list(storage_forecast(of)) == []
    assert list(forecast_area(of)) == []
    assert [(gap.check, gap.kind, gap.reason.id) for gap in storage_forecast_gaps(of)] == [
        (FORECAST, "permanent", "gap/storage-no-past")
    ]


def test_what_could_not_be_read_is_not_said_to_be_short() -> None:
    lost = Unavailable("own-past", message("gap/storage-young"), permanent=False)
    of = reviewed(StorageGrowth(), limits=Retention(365 * DAY), unavailable=(lost,))
    assert list(storage_forecast_gaps(of)) == []


def test_the_archive_continues_what_prometheus_has_forgotten() -> None:
    whole = growing(a_day=0.5, days=60)
    kept = StorageGrowth(whole.sizes[-21:], whole.ingest[-21:])
    lines = [
        ArchiveLine(
            "c",
            KIND,
            datetime.fromtimestamp(at, UTC),
            as_data(metrics(now=at, blocks=size, wal=0.0, head_chunks=0.0), 5000.0),
        )
        for at, size in whole.sizes[::4]
    ]
    again = joined(kept, reversed(lines))
    assert [at for at, _ in again.sizes] == sorted({at for at, _ in (*whole.sizes[::4], *kept.sizes)})
    assert told(reviewed(again, limits=Retention(365 * DAY))).evidence["daysKnown"] == 60


def test_broken_lines_of_the_archive_are_left_out() -> None:
    lines = [ArchiveLine("c", KIND, datetime.fromtimestamp(NOW, UTC), {"size": "much"})]
    assert joined(None, lines) == StorageGrowth()
