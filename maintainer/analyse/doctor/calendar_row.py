"""The row about the calendar: when each job runs next."""

from zoneinfo import ZoneInfo

from maintainer.analyse.doctor.subject import Subject, Verdict, well
from maintainer.model.message import message


def calendar(subject: Subject) -> Verdict | None:
    """The next date of each job. The settings have refused a schedule that has none."""
    zone = ZoneInfo(subject.wanted.time_zone)
    dates = tuple(
        message("doctor/calendar.date", job=job, at=f"{at.astimezone(zone):%Y-%m-%d %H:%M}")
        for job, at in subject.wanted.dates.items()
        if at
    )
    return well(message("doctor/calendar.ok", dates=dates, zone=subject.wanted.time_zone)) if dates else None
