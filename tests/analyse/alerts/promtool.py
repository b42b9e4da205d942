"""What Prometheus makes of alerting rules and series, asked of promtool."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from maintainer.model.alerts import SECOND, RawSeries
from maintainer.model.duration import seconds
from maintainer.model.facts import Labels, labels

PROMTOOL = shutil.which("promtool") or "promtool"
"""Debian's, of version 2.42."""

ALERTS = '{__name__=~"ALERTS|ALERTS_FOR_STATE"}'

_ANSWER = re.compile(r'expr: "(?P<expr>(?:[^"\\]|\\.)*)", time: (?P<time>\w+),?[^\n]*\n[^\n]*\n\s+got:(?P<got>[^\n]*)')
_SAMPLE = re.compile(r'(?P<name>\w*)\{(?P<labels>(?:[^{}"]|"(?:[^"\\]|\\.)*")*)\} (?P<value>[-+.\dE]+)')
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Trial:
    """Alerting rules, as in a rules file, and series with the values that promtool reads; spacings are in seconds."""

    rules: Sequence[Mapping[str, object]]
    series: Mapping[str, str]
    interval: int = 60
    samples: int = 60
    count: int = 40

    @property
    def evaluations(self) -> range:
        """The times of all evaluations, in milliseconds."""
        return range(0, self.count * self.interval * SECOND, self.interval * SECOND)


def asked(
    trial: Trial, queries: Iterable[str], folder: Path, promtool: str = PROMTOOL
) -> Mapping[str, list[RawSeries]]:
    """The series that each query returned at the times of evaluations."""
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": list(trial.rules)}]}))
    (folder / "test.yml").write_text(_test_file(trial, list(queries)))
    command = [promtool, "test", "rules", "test.yml"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    found: dict[str, dict[Labels, list[tuple[int, float]]]] = {query: {} for query in queries}
    # What is expected is nothing, so promtool prints what it got instead.
    for answer in _ANSWER.finditer(ended.stdout + ended.stderr):
        at = round(seconds(answer["time"]) * SECOND)
        of_query = found[answer["expr"].replace('\\"', '"')]
        for sample in _SAMPLE.finditer(answer["got"]):
            name = {"__name__": sample["name"]} if sample["name"] else {}
            of_query.setdefault(labels({**dict(_LABEL.findall(sample["labels"])), **name}), []).append(
                (at, float(sample["value"]))
            )
    assert any(found.values()), ended.stderr[-2000:]
    return {query: [_series(own, samples) for own, samples in of.items()] for query, of in found.items()}


def _series(own: Labels, samples: Sequence[tuple[int, float]]) -> RawSeries:
    return RawSeries(own, [at for at, _ in samples], [value for _, value in samples])


def _test_file(trial: Trial, queries: Sequence[str]) -> str:
    """As text that YAML reads fast."""
    series = [f"  - {{series: {_quoted(name)}, values: {_quoted(values)}}}" for name, values in trial.series.items()]
    expected = [
        f"  - {{expr: {_quoted(query)}, eval_time: {at // SECOND}s, exp_samples: []}}"
        for at in trial.evaluations
        for query in queries
    ]
    head = f"rule_files: [rules.yml]\nevaluation_interval: {trial.interval}s\ntests:\n- interval: {trial.samples}s"
    return "\n".join([head, "  input_series:", *series, "  promql_expr_test:", *expected, ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def alerts_and_states(series: Iterable[RawSeries]) -> tuple[list[RawSeries], list[RawSeries]]:
    """Those of ALERTS, and those of ALERTS_FOR_STATE."""
    both: dict[str, list[RawSeries]] = {"ALERTS": [], "ALERTS_FOR_STATE": []}
    for of_name in series:
        both[dict(of_name.labels)["__name__"]].append(of_name)
    return both["ALERTS"], both["ALERTS_FOR_STATE"]
