"""Which limits are configured, and which are in force: what servers showed of them in each case that was tried."""

import pytest

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.limits import configured, live, never_deletes_by_time, overflowed
from maintainer.model.byte_size import GIB
from maintainer.model.storage import FileRetention, Retention, ServerSettings, StorageFacts, StorageMetrics, Volume

THIRTY, NINETY, FIFTEEN, CAP = 30 * DAY, 90 * DAY, 15 * DAY, 45 * GIB


def facts(
    runtime: str,
    file: FileRetention,
    *,
    limit_bytes: float = 0,
    limit_seconds: float | None = 0,
    version: str = "3.9.1",
    flags: Retention | None = None,
) -> StorageFacts:
    metrics = StorageMetrics(0, limit_bytes=limit_bytes, limit_seconds=limit_seconds)
    return StorageFacts(ServerSettings(flags or Retention(FIFTEEN), runtime, version), file, metrics)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (10 * DAY, -2.997e9),
        (THIRTY, -8_990_914_393.046778),
        (NINETY, -8_525_999_105.430782),
        (180 * DAY, 1.395e9),
        (60 * DAY, 4.649e8),
        (FIFTEEN, 4.728e9),
    ],
)
def test_a_time_in_the_wrong_unit_overflows_as_a_server_showed_it(seconds: float, shown: float) -> None:
    assert overflowed(seconds) == pytest.approx(shown, rel=1e-3)


@pytest.mark.parametrize(
    ("seen", "meant", "in_force"),
    [
        # As measured after a start of 3.9: nothing set, a flag, the size alone, and each with the file.
        (facts("15d", FileRetention(), limit_seconds=FIFTEEN), Retention(FIFTEEN), Retention(FIFTEEN)),
        (facts("30d", FileRetention(), limit_seconds=THIRTY), Retention(THIRTY), Retention(THIRTY)),
        (facts("45GiB", FileRetention(), limit_bytes=CAP), Retention(None, CAP), Retention(None, CAP)),
        (facts("45GiB", FileRetention(size=CAP), limit_bytes=CAP), Retention(None, CAP), Retention(None, CAP)),
        (
            facts("30d", FileRetention(THIRTY), limit_seconds=-8.990914393046778e9),
            Retention(THIRTY),
            Retention(None),
        ),
        (
            facts("90d or 45GiB", FileRetention(NINETY, CAP), limit_bytes=CAP, limit_seconds=-8.525999105430782e9),
            Retention(NINETY, CAP),
            Retention(None, CAP),
        ),
        (
            facts("15d or 45GiB", FileRetention(size=CAP), limit_bytes=CAP, limit_seconds=FIFTEEN),
            Retention(FIFTEEN, CAP),
            Retention(FIFTEEN, CAP),
        ),
        # After reloads: the flags and what the server shows stay those of the start.
        (
            facts("15d", FileRetention(THIRTY), limit_seconds=-8.990914393046778e9),
            Retention(THIRTY),
            Retention(None),
        ),
        (facts("15d", FileRetention(THIRTY), limit_seconds=THIRTY), Retention(THIRTY), Retention(THIRTY)),
        (facts("15d", FileRetention(), limit_bytes=CAP), Retention(FIFTEEN), Retention(None, CAP)),
        # 2.42: flags show 0s although 15 days are in force, and there is no metric of the time.
        (
            facts("15d", FileRetention(), limit_seconds=None, version="2.42.0", flags=Retention()),
            Retention(FIFTEEN),
            Retention(FIFTEEN),
        ),
        (facts("30d", FileRetention(THIRTY), limit_seconds=THIRTY, version=""), Retention(THIRTY), Retention(THIRTY)),
    ],
)
def test_what_is_meant_and_what_deletes(seen: StorageFacts, meant: Retention, in_force: Retention) -> None:
    assert configured(seen) == meant
    assert live(seen) == in_force


@pytest.mark.parametrize(
    ("version", "broken"),
    [("3.7.0", False), ("3.8.0", True), ("3.9.1", True), ("3.10.2", True), ("3.11.0", False), ("", False)],
)
def test_without_the_metric_the_version_tells_whether_a_time_deletes(version: str, *, broken: bool) -> None:
    assert never_deletes_by_time(facts("30d", FileRetention(THIRTY), limit_seconds=None, version=version)) is broken


def test_a_share_of_the_volume_is_a_size() -> None:
    seen = StorageFacts(
        ServerSettings(Retention(), "15d"), FileRetention(percentage=80), None, volume=Volume(50 * GIB, "claim")
    )

    assert configured(seen) == Retention(FIFTEEN, 40 * GIB)


def test_what_cannot_be_read_is_not_known() -> None:
    assert configured(StorageFacts()) is None
    assert live(StorageFacts()) is None
