"""Outcomes as the archive keeps them: tables of subjects, words and times, and columns of places in these tables."""

import msgspec

from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun
from maintainer.model.packed_times import PackedTimes, UnpackedTimes, columns, item
from maintainer.model.report import Json

Column = list[int]


class _Data(msgspec.Struct):
    """The columns of ``phases`` are subject, phase, first and length; of ``increases`` subject, event, time and count.

    Those of ``short`` are subject, first, length, desired and least available; of ``revisions`` subject and time.
    """

    times: list[int]
    subjects: list[tuple[str, str]]
    words: list[str]
    phases: tuple[Column, Column, Column, Column]
    increases: tuple[Column, Column, Column, Column]
    short: tuple[Column, Column, Column, Column, Column]
    revisions: tuple[Column, Column]


def outcomes_data(outcomes: Outcomes) -> Json:
    """The outcomes as JSON; their order is not kept."""
    phases, increases, short, revisions = outcomes.phases, outcomes.increases, outcomes.short, outcomes.revisions
    runs = [(run.subject, run.first, run.last) for run in phases] + [
        (run.subject, run.first, run.last) for run in short
    ]
    events = [(one.subject, one.at) for one in increases] + [(one.subject, one.at) for one in revisions]
    times = PackedTimes([time for _, first, last in runs for time in (first, last)] + [at for _, at in events])
    subjects = sorted({subject for subject, *_ in runs} | {subject for subject, _ in events})
    words = sorted({run.phase for run in phases} | {increase.event for increase in increases})
    number = {subject: place for place, subject in enumerate(subjects)}
    word = {text: place for place, text in enumerate(words)}
    in_phases = sorted((number[run.subject], word[run.phase], *times.run(run.first, run.last)) for run in phases)
    counted = sorted((number[one.subject], word[one.event], times.place(one.at), one.count) for one in increases)
    lacking = sorted(
        (number[run.subject], *times.run(run.first, run.last), run.desired, run.least_available) for run in short
    )
    changed = sorted((number[change.subject], times.place(change.at)) for change in revisions)
    return {
        "times": times.differences,
        "subjects": subjects,
        "words": words,
        "phases": columns(in_phases, 4),
        "increases": columns(counted, 4),
        "short": columns(lacking, 5),
        "revisions": columns(changed, 2),
    }


def outcomes_of(data: Json) -> Outcomes:
    """The outcomes in JSON. Raises ``ValueError`` or ``LookupError`` for what :func:`outcomes_data` does not make."""
    held = msgspec.convert(data, _Data)
    times = UnpackedTimes(held.times)
    return Outcomes(
        phases=tuple(
            PhaseRun(item(held.subjects, subject), item(held.words, phase), *times.run(first, length))
            for subject, phase, first, length in zip(*held.phases, strict=True)
        ),
        increases=tuple(
            CounterIncrease(item(held.subjects, subject), item(held.words, event), times.at(at), count)
            for subject, event, at, count in zip(*held.increases, strict=True)
        ),
        short=tuple(
            ShortRun(item(held.subjects, subject), *times.run(first, length), desired, least)
            for subject, first, length, desired, least in zip(*held.short, strict=True)
        ),
        revisions=tuple(
            RevisionChange(item(held.subjects, subject), times.at(at))
            for subject, at in zip(*held.revisions, strict=True)
        ),
    )
