"""Turns a section of a report into JSON values, with sentences instead of messages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from maintainer.model.message import Message
from maintainer.model.sections import (
    Amount,
    Area,
    Bars,
    BeforeAfter,
    Calendar,
    CalendarDay,
    Cell,
    Chip,
    Diff,
    Forecast,
    Heatmap,
    Lane,
    Lanes,
    Section,
    Stretch,
    Table,
    Text,
)

Values = dict[str, Any]
Say = Callable[[Message], str]
Moment = Callable[[datetime], str]


def section_document(section: Section, in_words: Say, moment: Moment) -> Values:
    """The values of a section; ``moment`` writes a time."""
    return {"kind": section.kind, "title": in_words(section.title), **_content(section, in_words, moment)}


def _content(section: Section, in_words: Say, moment: Moment) -> Values:
    match section:
        case Text():
            return {"paragraphs": [in_words(paragraph) for paragraph in section.paragraphs]}
        case Table():
            return _table(section, in_words)
        case Diff():
            return {"before": section.before, "after": section.after}
        case Calendar():
            lead = [in_words(sentence) for sentence in section.lead]
            return {"lead": lead, "days": [_day(day, in_words) for day in section.days]}
        case Bars() | BeforeAfter() | Heatmap() | Lanes() | Area():
            return _chart(section, in_words, moment)


def _chart(section: Bars | BeforeAfter | Heatmap | Lanes | Area, in_words: Say, moment: Moment) -> Values:
    match section:
        case Bars():
            bars = [{"label": in_words(bar.label), "value": bar.value, "tone": bar.tone} for bar in section.bars]
            legend = [{"text": in_words(chip.label), "tone": chip.tone} for chip in section.legend]
            return {"unit": in_words(section.unit), "bars": bars, "legend": legend}
        case BeforeAfter():
            return _before_after(section, in_words)
        case Heatmap():
            rows = [in_words(row) for row in section.rows]
            return {
                "lead": _lead(section.lead, in_words),
                "unit": in_words(section.unit),
                "rows": rows,
                "columns": section.columns,
                "cells": section.cells,
            }
        case Lanes():
            return _lanes(section, in_words, moment)
        case Area():
            return _area(section, in_words, moment)


def _lead(lead: Message | None, in_words: Say) -> str:
    return in_words(lead) if lead else ""


def _table(table: Table, in_words: Say) -> Values:
    return {
        "lead": _lead(table.lead, in_words),
        "columns": [in_words(column) for column in table.columns],
        "rows": [[_cell(cell, in_words) for cell in row] for row in table.rows],
        "numeric": table.numeric,
        **({"name": table.name} if table.name else {}),
        **({"shown": table.shown} if table.shown else {}),
    }


def _cell(cell: Cell, in_words: Say) -> Any:
    match cell:
        case Chip():
            return {"text": in_words(cell.label), "tone": cell.tone}
        case Message():
            return in_words(cell)
        case _:
            return cell


def _day(day: CalendarDay, in_words: Say) -> Values:
    note = in_words(day.note) if day.note else ""
    return {"date": day.date.isoformat(), "label": in_words(day.label), "tone": day.tone, "note": note}


def _before_after(section: BeforeAfter, in_words: Say) -> Values:
    return {
        "lead": _lead(section.lead, in_words),
        "before": in_words(section.before),
        "after": in_words(section.after),
        "measures": [
            {
                "label": in_words(measure.label),
                "unit": in_words(measure.unit) if measure.unit else "",
                "before": _amount(measure.before),
                "after": _amount(measure.after),
            }
            for measure in section.measures
        ],
    }


def _amount(amount: Amount) -> Values:
    return {"value": amount.value, "real": amount.real}


def _lanes(section: Lanes, in_words: Say, moment: Moment) -> Values:
    def stretches(some: tuple[Stretch, ...]) -> list[Values]:
        return [{"start": moment(one.start), "end": moment(one.end), "label": in_words(one.label)} for one in some]

    def lane(one: Lane) -> Values:
        episodes = [
            {"start": moment(episode.start), "end": moment(episode.end), "verdict": episode.verdict}
            for episode in one.episodes
        ]
        return {
            "alert": one.alert,
            "subject": one.subject,
            "episodes": episodes,
            "incidents": stretches(one.incidents),
            "trouble": stretches(one.trouble),
        }

    return {
        "lead": _lead(section.lead, in_words),
        "start": moment(section.start),
        "end": moment(section.end),
        "lanes": [lane(one) for one in section.lanes],
        "unseen": stretches(section.unseen),
        "windows": stretches(section.windows),
    }


def _area(section: Area, in_words: Say, moment: Moment) -> Values:
    limits = [{"label": in_words(limit.label), "value": limit.value, "state": limit.state} for limit in section.limits]
    return {
        "lead": _lead(section.lead, in_words),
        "unit": in_words(section.unit),
        "times": [moment(time) for time in section.times],
        "series": [{"name": in_words(series.name), "values": series.values} for series in section.series],
        "limits": limits,
        "forecast": _forecast(section.forecast, moment) if section.forecast else None,
    }


def _forecast(forecast: Forecast, moment: Moment) -> Values:
    return {
        "times": [moment(time) for time in forecast.times],
        "low": forecast.low,
        "expected": forecast.expected,
        "high": forecast.high,
    }
