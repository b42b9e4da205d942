"""Queries over the contract with mistakes in them, as people make them: in names, labels and values."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import NamedTuple

from maintainer.model.contract import Family
from tests.analyse.promql.whole_contract import kinds, own_families

SHAPES: Mapping[str, tuple[str, ...]] = {
    "gauge": (
        "{} == 1", "{} > 0", "sum by (namespace, name) ({}) > 0", "count({}) or vector(0)", "max_over_time({}[5m])",
        "{} and on (name) {}", "avg without (pod) ({})", "time() - {} > 3600", "increase({}[10m]) > 3",
        "topk(3, {}) * 100", "absent({})", "{} unless on (namespace) kube_namespace_labels",
    ),
    "counter": (
        "rate({}[5m]) > 0", "sum by (name) (increase({}[10m])) > 1", "{} > 3", "sum(rate({}[5m])) / 2 > 0",
        "time() - {} > 60",
    ),
    "bucket": (
        "histogram_quantile(0.9, sum by (le) (rate({}[5m]))) >= 0", "sum(rate({}[5m])) by (le)",
        "histogram_quantile(0.5, rate({}[10m])) > 0.001",
    ),
    "count": ("rate({}[5m]) > 0", "sum(increase({}[10m]))"),
    "sum": ("rate({}[5m]) > 0", "sum by (namespace) (increase({}[10m]))"),
}  # fmt: skip
PREFIXES = ("argo_", "argo_rollouts_", "argocd_", "argoproj_", "argorollouts_")
SUFFIXES = ("_total", "_count", "_seconds_bucket", "_seconds_total", "_bucket", "_sum", "s", "_created", "_seconds")
VALUES: Mapping[str, tuple[str, ...]] = {
    "phase": ("Degraded", "Healthy", "Aborted", "Succeeded", "TimedOut", "paused", "Broken", "error"),
    "strategy": ("Canary", "BlueGreen", "blue-green", "RollingUpdate"),
    "traffic_router": ("istio", "nginx", "Traefik"),
    "verb": ("get", "LIST", "post"),
}
WRONG_LABELS: Mapping[str, tuple[str, ...]] = {
    "name": ("rollout", "rollout_name"),
    "phase": ("status", "state"),
    "namespace": ("rollout_namespace",),
    "strategy": ("rollout_strategy",),
}
OPEN_VALUES: Mapping[str, tuple[str, ...]] = {"name": ("web",), "namespace": ("shop",)}
_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


class Mutated(NamedTuple):
    """A query with mistakes, and the series that it was made of."""

    text: str
    origin: str


def mutated(random: Random) -> Iterator[Mutated]:
    """Queries with at least one mistake, without end."""
    series = [(name, family) for family in own_families() for name in family.series]
    while True:
        name, family = random.choice(series)
        selector = f"{_name(name, random)}{{{','.join(_matchers(family, random))}}}"
        text = random.choice(SHAPES[kinds()[name]])
        yield Mutated(text.replace("{}", selector), name)


def _name(name: str, random: Random) -> str:
    changes: tuple[Callable[[], str], ...] = (
        lambda: name,
        lambda: random.choice(PREFIXES) + name,
        lambda: name.removeprefix("rollout_") if name.startswith("rollout_info_") else f"argo_{name}",
        lambda: name.removesuffix("_total").removesuffix("_count") + random.choice(SUFFIXES),
        lambda: _misspelt(name, random),
    )
    return random.choice(changes)()


def _misspelt(name: str, random: Random) -> str:
    at = random.randrange(len(name))
    letter = random.choice(_LETTERS)
    swapped = name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    return random.choice((name[:at] + name[at + 1 :], name[:at] + letter + name[at:], swapped)).lstrip("0123456789")


def _matchers(family: Family, random: Random) -> Iterator[str]:
    for label in random.sample(sorted(family.labels), k=min(len(family.labels), random.randrange(3))):
        own = family.details[label]
        right: tuple[str, ...] = own.values or OPEN_VALUES.get(label, ())
        wrong = VALUES.get(label, ())
        if not right and not wrong:
            continue
        values = random.choices((*right, *wrong), k=random.choice((1, 1, 2)))
        others = WRONG_LABELS.get(label, ())
        written = random.choice((label, label, *others))
        yield f'{written}{"=~" if len(values) > 1 else "="}"{"|".join(values)}"'
