"""The tables of a quarterly report with a row for each alert: what it did, what it was worth, and why it was silent."""

from collections.abc import Mapping, Sequence

from maintainer.analyse.alerts.numbers import FEWEST, USUAL, Cases, RuleNumbers
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.silent import SilentRule
from maintainer.analyse.alerts.table_shapes import shaped
from maintainer.model.alerts import MINUTE, SECOND, AlertRule
from maintainer.model.duration import duration
from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES, Finding
from maintainer.model.sections import Cell, Chip, Table, Tone

_TONES: Mapping[str, Tone] = {"dead": "error", "unreachable": "warning", "unknown": "neutral", "quiet": "ok"}


def first_table(review: Review, findings: Sequence[Finding]) -> Table:
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
    return shaped("first", rows, numeric=(1, 2))


def _futile(finding: Finding, futile: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    known = [futile[subject.name] for subject in finding.subjects if subject.name in futile]
    return sum(night for night, _ in known), sum(all_ for _, all_ in known)


def alerts_table(review: Review) -> Table:
    rows = [
        (
            *_named(one.rule),
            _duration(one.rule.hold),
            severity_of(one.rule),
            one.fired,
            one.pending,
            sum(one.pages.values()),
            one.pages.get("night", 0),
            one.futile.get("night", 0),
        )
        for one in review.numbers
    ]
    return shaped("alerts", rows, numeric=(4, 5, 6, 7, 8))


def worth_table(review: Review) -> Table:
    """What the episodes of each version that fired were, and the incidents that they told of."""
    rows = [_worth_of(one) for one in review.numbers if one.fired]
    return shaped("worth", rows, numeric=(2, 3, 4, 5, 7, 8, 9))


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


def silent_table(review: Review) -> Table:
    rows = [_silent_rule(one) for one in review.silent]
    return shaped("silent", rows, numeric=(5, 6))


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


def _duration(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, MINUTE)
    return duration(milliseconds / SECOND) if rest else f"{minutes}m"


def severity_of(rule: AlertRule) -> str:
    return dict(rule.labels).get("severity", "")
