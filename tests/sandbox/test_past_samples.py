"""Samples of past days, as Prometheus gets them and as a harvest reads them."""

from maintainer.model.alerts import RawSeries
from maintainer.sandbox.past_samples import ENDED, PastSamples


def past() -> PastSamples:
    found = PastSamples()
    found.add("rollout_info", range(0, 240_000, 60_000), 1, name="web", phase="Paused")
    found.add("rollout_info", [240_000], ENDED, name="web", phase="Paused")
    found.add("up", range(0, 300_000, 60_000), [1, 0, 1, 1, 1])
    return found


def test_a_time_has_the_samples_from_its_begin_to_before_its_end() -> None:
    (series,) = past().between(60_000, 180_000, "up")

    assert (series.labels, list(series.times), list(series.values)) == (
        (("__name__", "up"),),
        [60_000, 120_000],
        [0.0, 1.0],
    )


def test_the_end_of_a_series_is_no_sample_for_a_harvest() -> None:
    paused = (("__name__", "rollout_info"), ("name", "web"), ("phase", "Paused"))

    assert list(past().between(180_000, 300_000, "rollout_info")) == [RawSeries(paused, [180_000], [1.0])]
    assert list(past().between(240_000, 300_000, "rollout_info")) == []


def test_prometheus_gets_all_samples_from_a_time_on() -> None:
    assert "".join(past().openmetrics(since=180_000)).splitlines() == [
        'rollout_info{name="web",phase="Paused"} 1.0 180.0',
        'rollout_info{name="web",phase="Paused"} nan 240.0',
        "up{} 1.0 180.0",
        "up{} 1.0 240.0",
        "# EOF",
    ]


def test_a_query_in_steps_sees_the_last_sample_for_five_minutes() -> None:
    found = PastSamples()
    found.add("up", [0, 120_000], [1, 0], job="a")

    (series,) = found.stepped(60_000, 600_000, "up")

    assert list(zip(series.times, series.values, strict=True)) == [
        (60_000, 1), (120_000, 0), (180_000, 0), (240_000, 0), (300_000, 0), (360_000, 0), (420_000, 0),
    ]  # fmt: skip
