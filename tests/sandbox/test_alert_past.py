"""What a Prometheus has of a story: the controller's series, and the alerts of its rules."""

from datetime import UTC, datetime, timedelta

from maintainer.model.alerts import MINUTE, AlertRule, Run
from maintainer.sandbox.alert_past import EVALUATED_AFTER, READS, alert_past
from maintainer.sandbox.past_samples import PastSamples
from maintainer.sandbox.story import Story

WEB = ("shop", "web")
STUCK = AlertRule("RolloutStuck", "argo-rollouts", "r.yml", "a == 1", 15 * MINUTE, 0, MINUTE)
UNREADY = AlertRule("RolloutPodsUnready", "argo-rollouts", "r.yml", "a > 1", 5 * MINUTE, 0, MINUTE)


def story() -> Story:
    return Story(tuple(datetime(2026, 9, day, tzinfo=UTC) for day in (1, 2)))


def samples_of(told: Story, rule: AlertRule = STUCK) -> PastSamples:
    return alert_past(told, [rule], READS).samples


def minutes(samples: PastSamples, origin: int, metric: str, **own: str) -> list[tuple[float, float]]:
    """The samples of the only series of a metric with these labels: minutes since the origin, and values."""
    (series,) = (
        one
        for one in samples.between(origin - 60 * MINUTE, origin + 60 * MINUTE, metric)
        if own.items() <= dict(one.labels).items()
    )
    return [((at - origin) / MINUTE, value) for at, value in zip(series.times, series.values, strict=True)]


def test_a_slow_deployment_is_scraped_and_its_alert_is_pending_and_fires() -> None:
    told = story()
    began = told.at(0, "12:00")
    told.deployed(WEB, began, minutes=18)
    samples = samples_of(told)

    assert minutes(samples, began, "rollout_info", phase="Progressing") == [(at, 1) for at in range(0, 18, 2)]
    evaluated = began + EVALUATED_AFTER
    assert minutes(samples, evaluated, "ALERTS", alertstate="pending") == [(at, 1) for at in range(15)]
    assert minutes(samples, evaluated, "ALERTS", alertstate="firing") == [(at, 1) for at in range(15, 18)]
    since = {value for _, value in minutes(samples, evaluated, "ALERTS_FOR_STATE")}
    assert since == {evaluated // 1000}


def test_a_counter_begins_at_its_first_event() -> None:
    told = story()
    began = told.at(0, "12:00")
    told.deployed(WEB, began, minutes=4)

    assert minutes(samples_of(told), began, "rollout_events_total")[0] == (0, 1)


def test_a_rollout_lacks_pods_only_in_an_outage() -> None:
    told = story()
    began = told.at(0, "12:00")
    told.outage(WEB, began)
    available = dict(minutes(samples_of(told), began, "rollout_info_replicas_available"))

    assert (available[0], available[2], available[58]) == (3, 1, 1)


def test_a_short_for_begins_anew_when_prometheus_is_restarted() -> None:
    told = story()
    began = told.at(0, "12:00")
    told.unready(WEB, began, minutes=40)
    told.outages.append(Run(began + 16 * MINUTE, began + 18 * MINUTE))
    samples = samples_of(told, UNREADY)
    evaluated = began + EVALUATED_AFTER

    pending = [at for at, _ in minutes(samples, evaluated, "ALERTS", alertstate="pending")]
    assert pending == [0, 1, 2, 3, 4, 20, 21, 22]
    assert 16 not in dict(minutes(samples, began, "rollout_info_replicas_unavailable"))
    assert {value for _, value in minutes(samples, evaluated, "ALERTS_FOR_STATE")} == {
        evaluated // 1000,
        evaluated // 1000 + timedelta(minutes=18).seconds,
    }
