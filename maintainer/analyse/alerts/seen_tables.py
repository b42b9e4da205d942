"""The tables of a quarterly report about what it rests on: hours, what was seen and replayed, and what is missing."""

from collections import Counter
from collections.abc import Sequence

from maintainer.analyse.alerts.figures import minutes_seen, pages_by_hour
from maintainer.analyse.alerts.hours import KINDS
from maintainer.analyse.alerts.notifications import Sent, sent_beside
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.table_shapes import local_time, shaped
from maintainer.model.alerts import DAY, HOUR, Agreement
from maintainer.model.message import Message, message
from maintainer.model.sections import Cell, Table

_WEEK = 7 * DAY


def hours_table(review: Review) -> Table:
    minutes = review.judging.hours.minutes(review.history.start, review.history.end)
    pages, futile = pages_by_hour(review), pages_by_hour(review, futile=True)
    seen = minutes_seen(review)
    rows = [
        (
            message(f"quarterly/hours.{kind}"), minutes[kind], seen[kind], pages[kind], futile[kind],
            round(minutes[kind] / 60, 1), round(seen[kind] / 60, 1),
        )
        for kind in KINDS
    ]  # fmt: skip
    return shaped("hours", rows, numeric=(1, 2, 3, 4, 5, 6))


def seen_table(review: Review) -> Table:
    """What the report knows: how much was covered, by what was judged, where the pages are from."""
    history, judged = review.history, Counter(one.by for one in review.fired)
    days = (history.end - history.start) / DAY
    pages = review.pages
    routed = "routed" if review.judging.routing.root.receiver else "estimated"
    told = message("quarterly/pages.recorded" if pages.recorded else f"quarterly/pages.{routed}")
    on_record = review.judging.incidents
    sent = sent_beside(pages.pages, history.coverage)
    notified = _sent(sent, recorded=pages.recorded) if sent else message("quarterly/sent.unknown")
    rows: list[tuple[Cell, ...]] = [
        (message("quarterly/seen.days"), message("quarterly/of", count=_days(review), of=round(days, 1))),
        (message("quarterly/seen.agreement"), _share(history.agreement)),
        (message("quarterly/seen.pages"), told),
        (message("quarterly/seen.sent"), notified),
        (message("quarterly/seen.labels"), judged["label"]),
        (message("quarterly/seen.on-record"), judged["incident"]),
        (message("quarterly/seen.evidence"), judged["evidence"]),
        (
            message("quarterly/seen.incidents"),
            message("quarterly/none-given") if on_record is None else len(on_record),
        ),
        (message("quarterly/seen.impact"), _impact_seen(review)),
    ]
    if pages.unmatched or pages.broken:
        lost = message("quarterly/pages.lost", unmatched=pages.unmatched, broken=pages.broken)
        rows.append((message("quarterly/seen.lost"), lost))
    return shaped("seen", rows, numeric=())


def _sent(sent: Sent, *, recorded: bool) -> Message:
    """What Alertmanager counted, and what follows where the estimate is far from it."""
    beside = message(
        "quarterly/sent", count=sent.notifications, pages=sent.pages, days=round(sent.hours * HOUR / DAY, 1)
    )
    if recorded or not (sent.too_few or sent.more):
        return beside
    return message("quarterly/sent.too-few" if sent.too_few else "quarterly/sent.more", beside=beside)


def _days(review: Review) -> float:
    return round(review.covered * (review.history.end - review.history.start) / DAY, 1)


def _impact_seen(review: Review) -> Message:
    """Of how many days it is known whether users were harmed."""
    history = review.history
    if not (history.impact.seen or history.impact_unseen):
        return message("quarterly/impact.not-asked")
    seen = sum(max(0, min(run.last, history.end) - max(run.first, history.start)) for run in history.impact.seen)
    return message("quarterly/of", count=round(seen / DAY, 1), of=round((history.end - history.start) / DAY, 1))


def _share(agreement: Sequence[Agreement]) -> Message:
    """How many episodes a replay of the rules had like those that were recorded."""
    alike = sum(day.alike for day in agreement)
    of = alike + sum(day.nearly + day.only_replayed + day.only_recorded for day in agreement)
    return message("quarterly/of", count=alike, of=of) if of else message("quarterly/not-replayed")


def agreement_table(review: Review) -> Table:
    """By rule and week: start and end within one evaluation, or within two."""
    weeks: dict[tuple[str, int], list[Agreement]] = {}
    for day in review.history.agreement:
        weeks.setdefault((day.rule, (day.day - review.history.start) // _WEEK), []).append(day)
    rows: list[tuple[Cell, ...]] = []
    for (version, week), days in sorted(weeks.items(), key=lambda one: (_name(review, one[0][0]), one[0])):
        alike, nearly = sum(day.alike for day in days), sum(day.nearly for day in days)
        others = sum(day.only_replayed + day.only_recorded for day in days)
        if of := alike + nearly + others:
            begin = local_time(review)(review.history.start + week * _WEEK)[:10]
            name = _name(review, version)
            rows.append((name, version[:8], begin, of, _percent(alike, of), _percent(alike + nearly, of)))
    return shaped("agreement", rows, numeric=(3, 4, 5))


def not_judged_table(review: Review) -> Table:
    """Why episodes that fired have no verdict, the most frequent reason first."""
    reasons = Counter(one.reasons[0] for one in review.fired if one.verdict == "undetermined")
    rows = [(why, count) for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0].id))]
    return shaped("not-judged", rows, numeric=(1,))


def missing_table(review: Review) -> Table:
    moment = local_time(review)
    rows = [(moment(gap.start), moment(gap.end), gap.alert or "-", gap.reason) for gap in review.history.missing]
    return shaped("missing", rows, numeric=())


def _name(review: Review, version: str) -> str:
    rule = review.history.rules.get(version)
    return rule.name if rule else version[:8]


def _percent(count: int, of: int) -> float:
    return round(100 * count / of, 1)
