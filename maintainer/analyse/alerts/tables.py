"""The tables of a quarterly report. Programs know them by their names, and docs/numbers.md by these too."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from maintainer.analyse.alerts.figures import minutes_seen, pages_by_hour
from maintainer.analyse.alerts.hours import KINDS
from maintainer.analyse.alerts.notifications import Sent, sent_beside
from maintainer.analyse.alerts.numbers import FEWEST, USUAL, Cases, RuleNumbers, caught_by
from maintainer.analyse.alerts.people import written_labels
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.silent import SilentRule
from maintainer.analyse.alerts.verdicts import Judged
from maintainer.model.alerts import DAY, HOUR, MINUTE, SECOND, Agreement, AlertRule
from maintainer.model.duration import duration
from maintainer.model.episode_table import EPISODE_COLUMNS
from maintainer.model.incidents import Incident
from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES, Finding
from maintainer.model.sections import Cell, Chip, Table, Tone

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "seen": ("what", "value"),
    "agreement": ("alert", "version", "week", "episodes", "strict", "lenient"),
    "first": ("alert", "night_futile", "futile", "check", "action"),
    "alerts": ("alert", "version", "hold", "severity", "fired", "pending", "pages", "night", "night_futile"),
    "worth": (
        "alert", "version", "real", "futile_", "undetermined", "cases", "precision", "delay", "caught", "alone",
    ),
    "hours": ("hours", "minutes_all", "minutes_seen", "pages", "futile", "hours_all", "hours_seen"),
    "incidents": ("incident", "start", "end", "source", "first_alert", "delay", "alerts"),
    "prevented": ("incident", "start", "end", "first_alert"),
    "missed": ("incident", "start", "what", "nearest", "how"),
    "silent": ("alert", "version", "state", "why", "repaired", "would_page", "would_tell"),
    "not-judged": ("why", "episodes"),
    "missing": ("start", "end", "alert", "why"),
    "episodes": EPISODE_COLUMNS,
}  # fmt: skip
"""The columns of each table by its name."""

SHOWN: Mapping[str, tuple[str, ...]] = {
    "hours": ("hours", "hours_all", "hours_seen", "pages", "futile"),
    "episodes": ("alert", "namespace", "rollout", "fired_at", "minutes", "judged", "why"),
}
"""The columns that a page has of a table, where it has not all: programs read the others."""

_WEEK = 7 * DAY
_TONES: Mapping[str, Tone] = {"dead": "error", "unreachable": "warning", "unknown": "neutral", "quiet": "ok"}


def quarterly_tables(review: Review, findings: Sequence[Finding]) -> Iterator[Table]:
    """All tables but that of the episodes, in the order of the report; those without rows are left out."""
    tables = (
        _first(review, findings), _alerts(review), _worth(review), _missed(review), _silent(review), _incidents(review),
        _prevented(review), _hours(review), _seen(review), _not_judged(review), _missing(review), _agreement(review),
    )  # fmt: skip
    return (table for table in tables if table.rows)


def episodes_table(review: Review) -> Iterator[Table]:
    """A row for each episode that fired, as people read it and give it back with their verdict; no table for none."""
    pages = Counter(episode for page in review.pages.pages for episode in page.episodes)
    if rows := tuple(_episode(one, review, pages[one.episode]) for one in review.fired):
        yield _table("episodes", rows, numeric=(8, 10))


def _table(name: str, rows: Sequence[tuple[Cell, ...]], *, numeric: Sequence[int]) -> Table:
    return Table(
        title=message(f"quarterly/{name}"),
        columns=tuple(message(f"quarterly/column.{column}") for column in COLUMNS[name]),
        rows=tuple(rows),
        numeric=tuple(numeric),
        lead=message(f"quarterly/{name}.lead"),
        name=name,
        shown=tuple(COLUMNS[name].index(column) for column in SHOWN.get(name, ())),
    )


def _seen(review: Review) -> Table:
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
    return _table("seen", rows, numeric=())


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


def _agreement(review: Review) -> Table:
    """By rule and week: start and end within one evaluation, or within two."""
    weeks: dict[tuple[str, int], list[Agreement]] = {}
    for day in review.history.agreement:
        weeks.setdefault((day.rule, (day.day - review.history.start) // _WEEK), []).append(day)
    rows: list[tuple[Cell, ...]] = []
    for (version, week), days in sorted(weeks.items(), key=lambda one: (_name(review, one[0][0]), one[0])):
        alike, nearly = sum(day.alike for day in days), sum(day.nearly for day in days)
        others = sum(day.only_replayed + day.only_recorded for day in days)
        if of := alike + nearly + others:
            begin = _moment(review)(review.history.start + week * _WEEK)[:10]
            name = _name(review, version)
            rows.append((name, version[:8], begin, of, _percent(alike, of), _percent(alike + nearly, of)))
    return _table("agreement", rows, numeric=(3, 4, 5))


def _first(review: Review, findings: Sequence[Finding]) -> Table:
    """What to do, first for the alerts with the most pages at night that caught nothing."""
    futile = {
        numbers.rule.name: (numbers.futile.get("night", 0), sum(numbers.futile.values()))
        for numbers in reversed(review.numbers)
    }

    def key(finding: Finding) -> tuple[int, int, int, str]:
        night, all_ = _futile(finding, futile)
        return -night, -all_, SEVERITIES.index(finding.severity), finding.check

    by_action: dict[tuple[str, Message], list[Finding]] = {}
    for finding in sorted((one for one in findings if one.severity != "info"), key=key):
        alerts = ", ".join(dict.fromkeys(one.name for one in finding.subjects))
        by_action.setdefault((alerts, finding.action), []).append(finding)
    rows = [
        (alerts, *_futile(same[0], futile), ", ".join(one.check for one in same), action)
        for (alerts, action), same in by_action.items()
    ]
    return _table("first", rows, numeric=(1, 2))


def _futile(finding: Finding, futile: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    known = [futile[subject.name] for subject in finding.subjects if subject.name in futile]
    return sum(night for night, _ in known), sum(all_ for _, all_ in known)


def _alerts(review: Review) -> Table:
    rows = [
        (
            *_named(one.rule),
            _duration(one.rule.hold),
            _severity(one.rule),
            one.fired,
            one.pending,
            sum(one.pages.values()),
            one.pages.get("night", 0),
            one.futile.get("night", 0),
        )
        for one in review.numbers
    ]
    return _table("alerts", rows, numeric=(4, 5, 6, 7, 8))


def _worth(review: Review) -> Table:
    """What the episodes of each version that fired were, and the incidents that they told of."""
    rows = [_worth_of(one) for one in review.numbers if one.fired]
    return _table("worth", rows, numeric=(2, 3, 4, 5, 7, 8, 9))


def _worth_of(numbers: RuleNumbers) -> tuple[Cell, ...]:
    verdicts = numbers.verdicts
    real, undetermined = verdicts.get("real", 0), verdicts.get("undetermined", 0)
    return (
        *_named(numbers.rule),
        real,
        numbers.fired - real - undetermined,
        undetermined,
        numbers.cases.count,
        _precision(numbers.cases),
        round(numbers.delays.median / MINUTE, 1) if numbers.delays else "-",
        numbers.caught,
        numbers.alone,
    )


def _named(rule: AlertRule) -> tuple[str, str]:
    """The name of a rule and the beginning of its version."""
    return rule.name, rule.version[:8]


def _precision(cases: Cases) -> Message:
    """The likely share of real cases; of few cases, only their number."""
    share = cases.precision
    if share is None:
        return message("quarterly/few", real=cases.real, count=cases.count)
    low, high = (round(100 * end) for end in share)
    if FEWEST <= cases.count < USUAL:
        return message("quarterly/precision.weak", low=low, high=high)
    return message("quarterly/precision", low=low, high=high)


def _hours(review: Review) -> Table:
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
    return _table("hours", rows, numeric=(1, 2, 3, 4, 5, 6))


def _incidents(review: Review) -> Table:
    moment = _moment(review)
    rows: list[tuple[Cell, ...]] = []
    for incident, episodes in review.told.incidents.items():
        source = _source(incident, review) or message("quarterly/incident.found")
        first = episodes[0] if episodes else None
        delay = round(((first.fired_at or 0) - incident.start) / MINUTE, 1) if first else "-"
        rows.append((
            incident.id, moment(incident.start), moment(incident.end), source, first.alert if first else "-", delay,
            len({episode.alert for episode in episodes}),
        ))  # fmt: skip
    return _table("incidents", rows, numeric=(5, 6))


def _source(incident: Incident, review: Review) -> Message | None:
    """By whom an incident is known; ``None`` for one that was found in what became of the Rollouts."""
    if incident in (review.judging.incidents or ()):
        return message("quarterly/incident.recorded")
    return message("quarterly/incident.impact") if incident in review.impacts else None


def _prevented(review: Review) -> Table:
    """The bad versions that analysis undid before pods were missing, and the alert that told of them all the same."""
    moment = _moment(review)
    prevented = [trouble.incident for trouble in review.troubles if trouble.kind == "prevented"]
    told = caught_by(prevented, review.history.episodes).incidents
    rows = [
        (incident.id, moment(incident.start), moment(incident.end), episodes[0].alert if episodes else "-")
        for incident, episodes in told.items()
    ]
    return _table("prevented", rows, numeric=())


def _missed(review: Review) -> Table:
    moment = _moment(review)
    what = {trouble.incident: message(f"quarterly/trouble.{trouble.kind}") for trouble in review.troubles}
    rows = [
        (
            one.incident.id,
            moment(one.incident.start),
            what.get(one.incident) or _source(one.incident, review) or "-",
            one.alert or "-",
            one.how,
        )
        for one in review.missed
    ]
    return _table("missed", rows, numeric=())


def _silent(review: Review) -> Table:
    rows = [_silent_rule(one) for one in review.silent]
    return _table("silent", rows, numeric=(5, 6))


def _silent_rule(one: SilentRule) -> tuple[Cell, ...]:
    chip = Chip(message(f"quarterly/silence.{one.silence}"), _TONES[one.silence])
    repaired = one.repaired
    replayed = repaired is not None and repaired.episodes is not None
    return (
        one.rule.name,
        one.rule.version[:8],
        chip,
        one.why,
        repaired.expr if repaired else "-",
        repaired.pages if repaired and replayed else "-",
        len(repaired.told) if repaired and replayed else "-",
    )


def _not_judged(review: Review) -> Table:
    """Why episodes that fired have no verdict, the most frequent reason first."""
    reasons = Counter(one.reasons[0] for one in review.fired if one.verdict == "undetermined")
    rows = [(why, count) for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0].id))]
    return _table("not-judged", rows, numeric=(1,))


def _missing(review: Review) -> Table:
    moment = _moment(review)
    rows = [(moment(gap.start), moment(gap.end), gap.alert or "-", gap.reason) for gap in review.history.missing]
    return _table("missing", rows, numeric=())


def _episode(one: Judged, review: Review, pages: int) -> tuple[Cell, ...]:
    episode, moment = one.episode, _moment(review)
    namespace, name = one.subject or ("", "")
    rule = review.history.rules.get(episode.rule)
    fired = episode.fired_at or episode.active_at
    end = episode.resolved_at or episode.last
    return (
        episode.alert,
        dict(episode.labels).get("severity") or (_severity(rule) if rule else ""),
        namespace,
        name,
        episode.rule[:8],
        moment(episode.active_at),
        moment(fired),
        moment(episode.resolved_at) if episode.resolved_at is not None else "",
        round((end - fired) / MINUTE, 1),
        review.judging.hours.kind(fired),
        pages,
        one.verdict,
        one.by,
        message("quarterly/reasons", reasons=one.reasons),
        written_labels(episode.labels),
    )


def _duration(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, MINUTE)
    return duration(milliseconds / SECOND) if rest else f"{minutes}m"


def _severity(rule: AlertRule) -> str:
    return dict(rule.labels).get("severity", "")


def _name(review: Review, version: str) -> str:
    rule = review.history.rules.get(version)
    return rule.name if rule else version[:8]


def _percent(count: int, of: int) -> float:
    return round(100 * count / of, 1)


def _moment(review: Review) -> Callable[[int], str]:
    zone = review.judging.hours.zone
    return lambda at: datetime.fromtimestamp(at / 1000, zone).isoformat(timespec="seconds")
