"""The text format of Prometheus: samples, histograms, and the header of a family."""

from collections.abc import Iterable, Mapping, Sequence

RECONCILE_BUCKETS = (0.01, 0.15, 0.25, 0.5, 1)
"""The buckets, in seconds, of the controller's own histograms."""

WORKQUEUE_BUCKETS = (1e-08, 1e-07, 1e-06, 1e-05, 0.0001, 0.001, 0.01, 0.1, 1, 10)
"""The buckets, in seconds, of the histograms of the work queues."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def labelled(labels: Mapping[str, str]) -> str:
    """The text between the braces, escaped and sorted by name: ``name="cart",namespace="checkout"``."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in sorted(labels.items()))


def line(name: str, labels: str, *, value: float) -> str:
    """A sample with its newline; ``labels`` is the result of :func:`labelled`."""
    return f"{name}{{{labels}}} {number(value)}\n" if labels else f"{name} {number(value)}\n"


def number(value: float) -> str:
    """A value as the controller writes it: whole numbers below a million without a decimal point."""
    whole = int(value)
    if whole == value and abs(whole) < 10**6:
        return str(whole)
    return f"{value:g}" if value < 1 else repr(float(value))


def histogram(name: str, labels: str, *, count: int, buckets: Sequence[float] = RECONCILE_BUCKETS) -> str:
    """A histogram of ``count`` observations, of which nearly all took 4 ms."""
    slow = count // 50
    comma = "," if labels else ""
    cumulative = [0 if bound < 0.004 else count - slow if bound < 0.15 else count for bound in buckets]
    rows = [*zip(map(number, buckets), cumulative, strict=True), ("+Inf", count)]
    lines = "".join(f'{name}_bucket{{{labels}{comma}le="{bound}"}} {observed}\n' for bound, observed in rows)
    total = line(f"{name}_sum", labels, value=round(count * 0.004, 6))
    return lines + total + line(f"{name}_count", labels, value=count)


def one_hot(name: str, labels: Mapping[str, str], *, value: str, choices: Iterable[str]) -> str:
    """A series for each phase of ``choices``: 1 for the phase ``value``, 0 for the others."""
    return "".join(
        line(name, labelled({**labels, "phase": choice}), value=float(choice == value)) for choice in choices
    )


def header(name: str, kind: str, *, description: str) -> str:
    """The HELP and TYPE lines of a family."""
    return f"# HELP {name} {description}\n# TYPE {name} {kind}\n"
