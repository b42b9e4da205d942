"""The comparison of two sets of rules, as a table for a terminal, as Markdown for a pull request, and as JSON."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, cast

from maintainer.model.backtest import Backtest, IncidentOutcome, RuleOutcome
from maintainer.model.duration import written
from maintainer.model.message import Message, message
from maintainer.render.document import Document, as_json
from maintainer.render.ledger import terminal_table
from maintainer.render.markdown_text import cell, escape
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, say

Format = Literal["table", "md", "json"]
Rows = Sequence[Sequence[str]]

RULE_COLUMNS = ("rule", "severity", "state", "pages", "incidents", "later", "days")
TOTAL_COLUMNS = ("severity", "pages")
INCIDENT_COLUMNS = ("incident", "before", "after")


def backtest_text(backtest: Backtest, catalogue: Catalogue, *, format_: Format, width: int = 100) -> str:
    """The comparison in a format; the table is of so many columns."""
    if format_ == "json":
        return as_json(backtest_document(backtest, catalogue))
    words = _Words(catalogue)
    tables = (
        ([words.say(message(f"backtest/column.{name}")) for name in RULE_COLUMNS], [*map(words.rule, backtest.rules)]),
        ([words.say(message(f"backtest/column.{name}")) for name in TOTAL_COLUMNS], words.totals(backtest.rules)),
        (
            [words.say(message(f"backtest/column.{name}")) for name in INCIDENT_COLUMNS],
            [*map(words.incident, backtest.incidents or ())],
        ),
    )
    told = [words.say(sentence) for sentence in _told(backtest)]
    if format_ == "md":
        title = f"### {escape(words.say(message('backtest/title')))}"
        blocks = [title, *(_markdown(columns, rows) for columns, rows in tables if rows)]
        return "\n\n".join((*blocks, "\n".join(f"- {escape(line)}" for line in told))) + "\n"
    shown = (terminal_table(columns, rows, width=width) for columns, rows in tables if rows)
    return "\n".join((*shown, *map(on_a_line, told))) + "\n"


def _told(backtest: Backtest) -> Iterator[Message]:
    """What a reader must know to believe the tables."""
    yield message("backtest/time", since=_at(backtest.time.first), until=_at(backtest.time.last))
    for outcome in backtest.rules:
        if outcome.unknown:
            yield message("backtest/unknown", alert=outcome.pair.rule.name, why=outcome.unknown)
    shifted = [outcome.pair.rule for outcome in backtest.rules if outcome.shift]
    if shifted:
        longest = written(max(rule.interval for rule in shifted) / 1000)
        names = ", ".join(sorted({rule.name for rule in shifted}))
        yield message("backtest/shift", names=names, interval=longest)
    yield from backtest.notes
    if backtest.incidents is None:
        yield message("backtest/no-incidents")


def backtest_document(backtest: Backtest, catalogue: Catalogue) -> Document:
    """The comparison as a document."""
    words = _Words(catalogue)
    document = {
        "since": _at(backtest.time.first),
        "until": _at(backtest.time.last),
        "rules": [
            {
                "alert": outcome.pair.rule.name,
                "group": outcome.pair.rule.group,
                "labels": dict(outcome.pair.rule.labels),
                "state": outcome.pair.became,
                **(_numbers(outcome) if outcome.unknown is None else {"unknown": words.say(outcome.unknown)}),
            }
            for outcome in backtest.rules
        ],
        "incidents": None
        if backtest.incidents is None
        else [
            {"id": one.incident.id, "before": list(one.before), "after": list(one.after)} for one in backtest.incidents
        ],
        "notes": [words.say(note) for note in backtest.notes],
    }
    return cast("Document", document)


def _numbers(outcome: RuleOutcome) -> dict[str, object]:
    time = outcome.time
    return {
        "pages": {"before": outcome.before, "after": outcome.after},
        "incidents": {"before": outcome.caught_before, "after": outcome.caught_after},
        "later": None if outcome.late is None else outcome.late / 1000,
        "since": _at(time.first) if time else None,
        "until": _at(time.last) if time else None,
        "shift": outcome.pair.rule.interval / 1000 if outcome.shift else 0,
    }


def _at(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


class _Words:
    """The cells and sentences in a language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def say(self, sentence: Message) -> str:
        return say(self._catalogue, sentence)

    def rule(self, outcome: RuleOutcome) -> list[str]:
        rule = outcome.pair.rule
        first = [rule.name, _severity(outcome), self.say(message(f"backtest/state.{outcome.pair.became}"))]
        if outcome.unknown or outcome.time is None:
            return [*first, *["-"] * 4]
        later = "-" if outcome.late is None else written(abs(outcome.late) / 1000)
        sign = "-" if outcome.late and outcome.late < 0 else "+" if outcome.late else ""
        days = (outcome.time.last - outcome.time.first) / 86_400_000
        return [
            *first,
            f"{outcome.before} → {outcome.after}",
            f"{outcome.caught_before} → {outcome.caught_after}",
            f"{sign}{later}",
            f"{days:.1f}",
        ]

    def totals(self, outcomes: Iterable[RuleOutcome]) -> Rows:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for outcome in outcomes:
            if outcome.unknown is None:
                total = sums[_severity(outcome)]
                total[0] += outcome.before
                total[1] += outcome.after
        return [[severity, f"{before} → {after}"] for severity, (before, after) in sorted(sums.items())]

    def incident(self, outcome: IncidentOutcome) -> list[str]:
        nobody = self.say(message("backtest/nobody"))
        before, after = (", ".join(names) or nobody for names in (outcome.before, outcome.after))
        return [outcome.incident.id, before, after]


def _severity(outcome: RuleOutcome) -> str:
    return dict(outcome.pair.rule.labels).get("severity", "-")


def _markdown(columns: Sequence[str], rows: Rows) -> str:
    lines = [columns, ["---"] * len(columns), *([cell(on_a_line(text)) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
