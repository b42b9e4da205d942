"""Swim-lanes: the episodes of alerts by verdict, with incidents behind them, as paths over an axis of time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from maintainer.model.message import message
from maintainer.model.sections import EpisodeVerdict
from maintainer.render.document import Document, Say
from maintainer.render.time_axis import Mark, TimeAxis, time_axis

UNITS = 40
"""Units of a path in a percent of the axis: the box of a lane is 4,000 wide, and stretched to its place."""

TOP: Mapping[str, tuple[int, int]] = {"real": (2, 18), "false": (11, 9), "undetermined": (6, 14)}
"""By verdict, where a mark begins below the top of its lane, and its height: another sign than the colour."""

LONG = 20
"""An episode of so many units has a line along the ground of its lane, as long as it was, besides its mark."""

GROUND = 18

SEEN = 32
"""The fewest units of a line that is there to be seen: trouble of minutes is less than one in a quarter."""

SHOWN = 8
"""The lanes of an alert that are not folded."""

VERDICTS: tuple[EpisodeVerdict, ...] = get_args(EpisodeVerdict)


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane. ``counts`` are its episodes by verdict in the order of :data:`VERDICTS`, ``words`` say the same.

    ``paths`` are the marks by verdict, ``incidents`` and ``trouble`` are paths behind them.
    """

    subject: str
    counts: tuple[int, ...]
    words: str
    paths: Mapping[str, str]
    incidents: str
    trouble: str


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """The lanes of an alert: those that are shown, and those that are folded."""

    alert: str
    counts: tuple[int, ...]
    shown: tuple[DrawnLane, ...]
    folded: tuple[DrawnLane, ...]


@dataclass(frozen=True, slots=True)
class DrawnStretch:
    """A stretch of the axis, in percent, with its words."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class LaneChart:
    """Groups of lanes, the marks of their axis, and what runs through all of them."""

    groups: tuple[LaneGroup, ...]
    marks: tuple[Mark, ...]
    unseen: tuple[DrawnStretch, ...]
    windows: tuple[DrawnStretch, ...]
    summary: str
    incidents: bool
    trouble: bool


def lane_chart(section: Document, in_words: Say) -> LaneChart:
    """The chart of a lanes section."""
    axis = time_axis(section["start"], section["end"])
    by_alert = groupby(section["lanes"], key=lambda lane: str(lane["alert"]))
    groups = tuple(_group(alert, [_drawn(lane, axis, in_words) for lane in lanes]) for alert, lanes in by_alert)
    totals = _sum(group.counts for group in groups)
    return LaneChart(
        groups=groups,
        marks=axis.marks(in_words),
        unseen=_stretches(section["unseen"], axis),
        windows=_stretches(section["windows"], axis),
        summary=in_words(message("picture/lanes.summary", lanes=len(section["lanes"]), **_named(totals))),
        incidents=any(lane["incidents"] for lane in section["lanes"]),
        trouble=any(lane.get("trouble") for lane in section["lanes"]),
    )


def counts_of(lane: Document) -> tuple[int, ...]:
    """The episodes of a lane by verdict, in the order of :data:`VERDICTS`."""
    counted = Counter(episode["verdict"] for episode in lane["episodes"])
    return tuple(counted[verdict] for verdict in VERDICTS)


def _group(alert: str, lanes: list[DrawnLane]) -> LaneGroup:
    shown = SHOWN if len(lanes) > SHOWN + 1 else len(lanes)
    return LaneGroup(alert, _sum(lane.counts for lane in lanes), tuple(lanes[:shown]), tuple(lanes[shown:]))


def _sum(counts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*counts, strict=True))) or (0,) * len(VERDICTS)


def _drawn(lane: Document, axis: TimeAxis, in_words: Say) -> DrawnLane:
    counts = counts_of(lane)
    paths = {
        verdict: "".join(_mark(episode, axis) for episode in lane["episodes"] if episode["verdict"] == verdict)
        for verdict in VERDICTS
    }
    return DrawnLane(
        subject=lane["subject"],
        counts=counts,
        words=in_words(message("picture/lanes.lane", alert=lane["alert"], subject=lane["subject"], **_named(counts))),
        paths={verdict: path for verdict, path in paths.items() if path},
        incidents="".join(_block(*_units(incident, axis)) for incident in lane["incidents"]),
        trouble="".join(_roof(*_units(trouble, axis)) for trouble in lane.get("trouble", ())),
    )


def _named(counts: tuple[int, ...]) -> dict[str, int]:
    real, false, undetermined = counts
    return {"real": real, "false": false, "undetermined": undetermined}


def _mark(episode: Document, axis: TimeAxis) -> str:
    x, width = _units(episode, axis)
    top, height = TOP[episode["verdict"]]
    return f"M{x} {top}v{height}" + (f"M{x} {GROUND}h{width}" if width >= LONG else "")


def _block(x: int, width: int) -> str:
    return f"M{x} 0h{width}v22h-{width}z"


def _roof(x: int, width: int) -> str:
    return f"M{x} 1h{max(width, SEEN)}"


def _units(stretch: Document, axis: TimeAxis) -> tuple[int, int]:
    x, width = axis.stretch(stretch["start"], stretch["end"])
    return round(x * UNITS), round(width * UNITS)


def _stretches(stretches: list[Document], axis: TimeAxis) -> tuple[DrawnStretch, ...]:
    return tuple(_drawn_stretches(stretches, axis))


def _drawn_stretches(stretches: list[Document], axis: TimeAxis) -> Iterator[DrawnStretch]:
    for stretch in stretches:
        x, width = axis.stretch(stretch["start"], stretch["end"])
        yield DrawnStretch(x, width, stretch["label"])
