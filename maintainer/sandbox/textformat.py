"""The text format of Prometheus: samples, histograms and the blocks of whole families."""

from collections.abc import Iterable, Mapping, Sequence

RECONCILE_BUCKETS = (0.01, 0.15, 0.25, 0.5, 1)
"""Buckets in seconds of every histogram that the controller itself keeps."""

WORKQUEUE_BUCKETS = (1e-08, 1e-07, 1e-06, 1e-05, 0.0001, 0.001, 0.01, 0.1, 1, 10)
"""Buckets in seconds of the work queues' histograms."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def labelled(labels: Mapping[str, str]) -> str:
    """``name="cart",namespace="checkout"``: the inside of the braces, escaped, sorted by name."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in sorted(labels.items()))


def line(name: str, labels: str, *, value: float) -> str:
    """One sample with its newline; ``labels`` is what :func:`labelled` gave."""
    return f"{name}{{{labels}}} {number(value)}\n" if labels else f"{name} {number(value)}\n"


def number(value: float) -> str:
    """A value as the controller writes it: whole numbers without a point, large ones with an exponent."""
    whole = int(value)
    return str(whole) if whole == value and abs(whole) < 10**6 else f"{value:g}" if value < 1 else repr(float(value))


def histogram(name: str, labels: str, *, count: int, buckets: Sequence[float] = RECONCILE_BUCKETS) -> str:
    """A histogram in which nearly every one of ``count`` observations took 4 ms."""
    slow = count // 50
    comma = "," if labels else ""
    quick = [0 if bound < 0.004 else count - slow if bound < 0.15 else count for bound in buckets]
    counts = zip(map(number, buckets), quick, strict=True)
    filled = "".join(
        f'{name}_bucket{{{labels}{comma}le="{bound}"}} {reached}\n' for bound, reached in [*counts, ("+Inf", count)]
    )
    return (
        filled + line(f"{name}_sum", labels, value=round(count * 0.004, 6)) + line(f"{name}_count", labels, value=count)
    )


def one_hot(name: str, labels: Mapping[str, str], *, value: str, choices: Iterable[str]) -> str:
    """A series per phase, 1 for the one that holds and 0 for the others."""
    return "".join(
        line(name, labelled({**labels, "phase": choice}), value=float(choice == value)) for choice in choices
    )


def header(name: str, kind: str, text: str) -> str:
    """The HELP and TYPE lines of a family."""
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
