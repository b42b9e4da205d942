"""Which Rollout an alert is about, and which kinds of metrics its rule reads."""

from collections.abc import Iterable
from typing import Literal

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.tokens import scan
from maintainer.model.facts import Key, Labels

Family = Literal["phase", "replicas", "events", "analysis", "other"]
"""A kind of metric: what one says is no proof of what another says."""

ALL: frozenset[Family] = frozenset(("phase", "replicas", "events", "analysis"))

_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("rollout_info_replicas_", "replicas"),
    ("rollout_info", "phase"),
    ("rollout_phase", "phase"),
    ("rollout_events_total", "events"),
    ("analysis_run_", "analysis"),
)

_NAMES = ("exported_rollout", "rollout", "exported_name", "name")
_NAMESPACES = ("exported_namespace", "namespace")


def subject_of(labels: Labels) -> Key | None:
    """The namespace and the name of the Rollout that labels name, "" for one that they lack; ``None`` for neither.

    Where Prometheus renamed a label that its target has as well, the Rollout's is the renamed one.
    """
    known = dict(labels)
    namespace = next((known[label] for label in _NAMESPACES if known.get(label)), "")
    name = next((known[label] for label in _NAMES if known.get(label)), "")
    return (namespace, name) if namespace or name else None


def is_about(subject: Key, rollout: Key) -> bool:
    """Whether a subject, of which a part may be "", is this Rollout, or has it among others."""
    return all(part in {"", of_rollout} for part, of_rollout in zip(subject, rollout, strict=True))


def comparable(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Labels in which a Rollout's name and its namespace are called ``name`` and ``namespace``."""
    pairs = tuple(labels)
    subject = subject_of(pairs)
    renamed = {"exported_namespace", "namespace", "exported_rollout", "rollout", "exported_name", "name"}
    known = {name: value for name, value in pairs if name not in renamed}
    if subject:
        known |= {name: value for name, value in zip(("namespace", "name"), subject, strict=True) if value}
    return known


def families_of(expr: str) -> frozenset[Family]:
    """The kinds of metrics that an expression reads; of one that names no metric, all: it may read any."""
    names = {name for selector in scan(parseable(expr), expr).selectors for name in selector.names}
    found = frozenset(_family(name) for name in names)
    return found or ALL


def _family(name: str) -> Family:
    return next((family for start, family in _FAMILIES if name.startswith(start)), "other")
