"""The table of all changes, a diff of each object, and the figures of a report about drift."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import yaml

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.rows import at, shown
from maintainer.model.drift import Change
from maintainer.model.message import Message, message
from maintainer.model.report import Json
from maintainer.model.sections import Diff, Table

_Changed = tuple[str, Sequence[Change]]
"""The name of something, and in what it differs."""

COLUMNS = ("object", "place", "what", "author", "time")
MOST_CHARACTERS = 20_000
"""The largest value that a diff shows as YAML; of a larger one it shows the beginning."""
LONGEST = 300
"""The most characters of a line of a diff."""
MOST_LINES = 400
"""The most lines on each side of a diff: all changes are in the table."""


def drift_figures(audit: DriftAudit) -> Mapping[str, int]:
    """How many objects were compared, how many of them are as they were deployed, and how many are not loaded."""
    return {
        "objects.compared": len(audit.objects),
        "objects.as-deployed": sum(not compared.differs for compared in audit.objects),
        "objects.not-loaded": sum(bool(compared.not_loaded) for compared in audit.objects),
    }


def drift_sections(audit: DriftAudit) -> Iterator[Table | Diff]:
    """The table of all changes and a diff of each object that is there and has some; nothing without changes."""
    changed = [*_changed(audit)]
    yield from _table(changed, message("drift-table/title"), message("drift-table/lead"))
    for name, changes in changed:
        yield _diff(changes, message("drift-diff/title", object=name))


def change_table(objects: Sequence[ComparedObject], title: Message, lead: Message) -> Iterator[Table]:
    """The table of the changes of these objects; nothing without changes."""
    yield from _table([(str(each.desired.id.subject), each.changes) for each in objects], title, lead)


def diff(compared: ComparedObject, title: Message) -> Diff:
    """An object as it was deployed and as it is, where it differs."""
    return _diff(compared.changes, title)


def _changed(audit: DriftAudit) -> Iterator[_Changed]:
    """What differs, and in what: objects of the cluster, and dashboards in Grafana."""
    for compared in audit.objects:
        if compared.changes:
            yield str(compared.desired.id.subject), compared.changes
        yield from ((other.copy.page, other.changes) for other in compared.copies if other.changes)


def _table(changed: Sequence[_Changed], title: Message, lead: Message) -> Iterator[Table]:
    rows = [(name, change) for name, changes in changed for change in changes]
    if not rows:
        return
    yield Table(
        title=title,
        lead=lead,
        columns=tuple(message(f"drift-table/column.{column}") for column in COLUMNS),
        rows=tuple(
            (
                name,
                change.place,
                message(f"drift-table/what.{change.what}"),
                change.manager or "-",
                at(change.time),
            )
            for name, change in rows
        ),
    )


def _diff(changes: Sequence[Change], title: Message) -> Diff:
    before, after = [], []
    for change in changes:
        head = f"# {change.place}"
        before += [head, *_lines(change, change.desired)]
        after += [head, *_lines(change, change.live)]
        if max(len(before), len(after)) > MOST_LINES:
            break
    return Diff(
        title,
        "\n".join(map(_cut, before[:MOST_LINES])),
        "\n".join(map(_cut, after[:MOST_LINES])),
    )


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _lines(change: Change, value: Json) -> list[str]:
    """A value with the name of its field, as YAML; no lines where there is none."""
    if value is None:
        return []
    step = change.path[-1] if change.path else ""
    if isinstance(value, str) and ("\n" in value.rstrip("\n") or str(step).startswith("line=")):
        return value.splitlines()
    if len(str(value)) > MOST_CHARACTERS:
        return [shown(value)]
    field = step if isinstance(step, str) and "=" not in step else ""
    dumper = _OfTexts if change.key.endswith((".yml", ".yaml")) else yaml.SafeDumper
    tree: Json = {field: value} if field else [value]
    text: str = yaml.dump(tree, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)
    return text.splitlines()


class _OfTexts(yaml.SafeDumper):
    """Writes the values of a YAML document, of which all are texts here, as they stood there: ``false``, not quoted."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]  # a class has it, not an instance
