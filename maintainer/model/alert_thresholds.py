"""From where on an alert counts as flapping, chronic and so on: the thresholds of the classes of alerts."""

from dataclasses import dataclass

from maintainer.model.alerts import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class AlertThresholds:
    """The thresholds of the classes; times are milliseconds, shares are from 0 to 1.

    near miss: pending for ``near_miss`` of ``for`` and never fired. transient: fired for at most ``transient``, or for
    at most ``for``. flapping: ``flapping_count`` firing episodes of one identity within ``flapping_within``, or fired
    again within ``flapping_gap`` ``flapping_count`` times in a day, or ``flapping_count`` within 20 steps between
    evaluations of which ``flapping_changes`` changed whether it fires, newer ones weighing more, as Nagios does.
    storm: ``storm_count`` identities of an alert fired within ``storm_within``. chronic: firing for ``chronic`` of the
    covered time, or ``chronic_time`` long. repeating: on ``repeating_days`` of 30 days, or at the same time of day,
    give or take ``repeating_time``, on ``same_time_days`` days. duplicate: ``duplicate`` of the firing minutes are
    shared, and as many start within ``duplicate_within``, of at least ``fewest`` episodes. cascading: ``cascading``
    start within ``cascading_within`` after the other, ``lift`` times as many as by chance, and at most ``reverse`` the
    other way round. restart artefact: fired within ``restart_time`` and ``for`` after a start, and was firing
    ``restart_before`` before it.
    """

    near_miss: float = 0.8
    transient: int = 5 * MINUTE
    flapping_count: int = 3
    flapping_within: int = HOUR
    flapping_gap: int = 15 * MINUTE
    flapping_changes: float = 0.2
    storm_count: int = 10
    storm_within: int = 5 * MINUTE
    chronic: float = 0.8
    chronic_time: int = 7 * DAY
    repeating_days: int = 10
    repeating_time: int = 15 * MINUTE
    same_time_days: int = 5
    window_tail_count: int = 5
    window_tail: float = 0.8
    duplicate: float = 0.8
    duplicate_within: int = 2 * MINUTE
    fewest: int = 5
    cascading: float = 0.7
    cascading_within: int = 10 * MINUTE
    lift: float = 3.0
    reverse: float = 0.3
    restart_time: int = 2 * MINUTE
    restart_before: int = HOUR
