"""Every series of the contract, with every value that its labels can have, as promtool reads them."""

from collections.abc import Iterator, Mapping
from itertools import product

from maintainer.model.contract import SHARED, Family, emitted_by, families
from tests.analyse.promql.builders import CURRENT

NAME = {"AnalysisRun": "web-6d4cf56db6-2", "Experiment": "web-6d4cf56db6-2-0"}
OPEN = {"namespace": "shop", "status_code": "200", "kind": "rollouts", "metric": "latency", "version": "v1.9.2"}


def own_families() -> list[Family]:
    """The families of a current controller that no other program exposes."""
    return [one for one in families().values() if emitted_by(one.name, CURRENT) and not SHARED.fullmatch(one.name)]


def kinds() -> Mapping[str, str]:
    """The kind of each series by its name: a part of a histogram, a counter or a gauge."""
    return {
        name: name.rpartition("_")[2] if family.kind == "histogram" else family.kind
        for family in own_families()
        for name in family.series
    }


def whole_contract() -> Iterator[tuple[str, str]]:
    """The series with their values in half an hour: rising for a counter, else 1, and 0 between where that can be."""
    for family in own_families():
        for name in family.series:
            bounds = [f"{bound:g}" for bound in family.buckets] + ["+Inf"] if name.endswith("_bucket") else [""]
            for labels, bound in product(_labels(family), bounds):
                own = {**labels, "le": bound} if bound else labels
                inside = ",".join(f'{label}="{value}"' for label, value in own.items() if value)
                yield f"{name}{{{inside}}}", _points(family)


def _points(family: Family) -> str:
    if family.kind != "gauge":
        return "1+1x30"
    return "1x30" if family.constant is not None else "1 0 " * 15


def _labels(family: Family) -> Iterator[Mapping[str, str]]:
    names = sorted(family.labels)
    for values in product(*(_values(family, name) for name in names)):
        yield dict(zip(names, values, strict=True))


def _values(family: Family, name: str) -> tuple[str, ...]:
    label = family.details[name]
    if name == "name" and not label.values:
        return ("web", NAME[label.generated]) if label.generated else ("web",)
    return label.values or label.usual or (OPEN.get(name, "x"),)
