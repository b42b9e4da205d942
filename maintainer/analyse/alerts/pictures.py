"""The pictures of a quarterly report: a lane for each alert and Rollout, and when alerts fired."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.numbers import FUTILE
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.subjects import is_about
from maintainer.analyse.alerts.verdicts import Judged, agrees
from maintainer.model.alerts import HOUR, MINUTE, Run
from maintainer.model.alerts import Episode as AlertEpisode
from maintainer.model.facts import Key
from maintainer.model.incidents import Verdict
from maintainer.model.message import message
from maintainer.model.sections import Episode, EpisodeVerdict, Heatmap, Lane, Lanes, Stretch


def lanes(review: Review) -> Iterator[Lanes]:
    """The quarter with a lane for each alert and Rollout, if any fired. Incidents stand behind the episodes."""
    by_lane: dict[tuple[str, str, Key | None], list[Judged]] = defaultdict(list)
    for one in review.fired:
        subject = "/".join(filter(None, one.subject or ())) or "-"
        by_lane[one.episode.alert, subject, one.subject].append(one)
    if not by_lane:
        return
    history, zone = review.history, review.judging.hours.zone
    yield Lanes(
        title=message("quarterly/lanes"),
        start=_at(history.start, zone),
        end=_at(history.end, zone),
        lanes=tuple(
            Lane(
                alert,
                subject,
                tuple(_episode(one, zone) for one in found),
                _incidents(review, found[0].episode),
                _trouble(review, key),
            )
            for (alert, subject, key), found in sorted(by_lane.items(), key=lambda item: item[0][:2])
        ),
        unseen=tuple(_unseen(review)),
        lead=message("quarterly/lanes.lead"),
    )


def heatmap(review: Review) -> Iterator[Heatmap]:
    """How many episodes fired in each hour of each weekday; ``None`` for an hour that was never seen."""
    zone = review.judging.hours.zone
    seen = {_cell(hour, zone) for run in review.seen for hour in range(run.first, run.last + 1, HOUR)}
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for one in review.fired:
        counts[_cell(one.episode.fired_at or 0, zone)] += 1
    yield Heatmap(
        title=message("quarterly/heatmap", zone=str(zone)),
        unit=message("quarterly/unit.episodes"),
        rows=tuple(message(f"report/weekday.{day}") for day in range(1, 8)),
        columns=tuple(f"{hour:02}" for hour in range(24)),
        cells=tuple(
            tuple(counts[day, hour] if (day, hour) in seen | counts.keys() else None for hour in range(24))
            for day in range(7)
        ),
        lead=message("quarterly/heatmap.lead"),
    )


def _cell(at: int, zone: ZoneInfo) -> tuple[int, int]:
    moment = _at(at, zone)
    return moment.weekday(), moment.hour


def _episode(one: Judged, zone: ZoneInfo) -> Episode:
    episode = one.episode
    start = episode.fired_at or episode.active_at
    end = max(episode.resolved_at or episode.last, start + MINUTE)
    return Episode(_at(start, zone), _at(end, zone), COLOURS[one.verdict])


COLOURS: Mapping[Verdict, EpisodeVerdict] = {
    "real": "real",
    "undetermined": "undetermined",
    **dict.fromkeys(sorted(FUTILE), "false"),
}
"""The colour of an episode: what nobody had to be told of has one."""


def _incidents(review: Review, episode: AlertEpisode) -> tuple[Stretch, ...]:
    """The incidents that an episode of a lane may be about: those on record, and the outages."""
    zone = review.judging.hours.zone
    return tuple(
        Stretch(
            _at(incident.start, zone),
            _at(max(incident.end, incident.start + MINUTE), zone),
            message("quarterly/incident", id=incident.id),
        )
        for incident in review.incidents
        if agrees(incident, episode)
    )


def _trouble(review: Review, subject: Key | None) -> tuple[Stretch, ...]:
    """What else went wrong with a lane's Rollouts, and left their pods as they should be."""
    if subject is None:
        return ()
    zone = review.judging.hours.zone
    return tuple(
        Stretch(
            _at(trouble.start, zone),
            _at(max(trouble.end, trouble.start + MINUTE), zone),
            message(f"quarterly/trouble.{trouble.kind}"),
        )
        for trouble in review.troubles
        if is_about(subject, trouble.subject) and trouble.kind not in {"controller", "outage"}
    )


def _unseen(review: Review) -> Iterator[Stretch]:
    """The stretches of the quarter of which nothing is known."""
    zone, known = review.judging.hours.zone, review.history.start
    for run in (*review.seen, Run(review.history.end, review.history.end)):
        if known < run.first:
            yield Stretch(_at(known, zone), _at(run.first, zone), message("quarterly/unseen"))
        known = run.last + 1


def _at(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, zone)
