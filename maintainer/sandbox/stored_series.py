"""The series of a month that are written as blocks: of a page of metrics, and of Prometheus about itself."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from maintainer.sandbox.tsdb import HOUR, Stored

CHURNING = "analysis_run_info"
"""The family with a label that has other values each hour: the names of AnalysisRuns."""
RUNS_AN_HOUR, RUN_LIVES, RUNS_SINCE = 36, HOUR, 36 * HOUR

UNCOMPACTED, COMPACTED_EVERY = 0.4, 54 * HOUR
"""By which part a sample takes more space until the compaction that takes place so often."""
UNEVEN = 8 * HOUR
"""The samples of some days compress better than those of others: by those of so many seconds."""

_LINE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_TYPE = re.compile(r"# TYPE (\w+) (\w+)")
_PERIOD = 997
_RANDOM = Random(1)  # noqa: S311
_JITTER = tuple(_RANDOM.randrange(5) for _ in range(_PERIOD))


@dataclass(frozen=True, slots=True)
class Growing:
    """How the storage has grown since ``start`` (epoch seconds), by so many samples and bytes a second."""

    start: int
    end: int
    samples: float
    bytes: float
    chunk_bytes: float

    def size(self, at: int) -> float:
        """The bytes of all blocks: they grow faster than the samples, and shrink with each compaction."""
        waiting = at % COMPACTED_EVERY - COMPACTED_EVERY / 2
        waiting += (_JITTER[at // COMPACTED_EVERY % _PERIOD] - 2) * UNEVEN
        return max(0.0, float(round((at - self.start + UNCOMPACTED * waiting) * self.bytes)))

    def appended(self, at: int) -> float:
        """The samples that have arrived."""
        return float(round((at - self.start) * self.samples))

    def written(self, at: int) -> float:
        """The bytes of the chunks of these samples."""
        return float(round((at - self.start) * self.chunk_bytes))


def of_page(page: str, target: Mapping[str, str], dropped: Collection[str]) -> Iterator[Stored]:
    """The series of a page of metrics as a target has them, without the metrics that are dropped.

    Gauges keep their values, and counters grow: series of the same kind alike.
    """
    types = dict(_TYPE.findall(page))
    for name, labels, value in (found.groups() for found in map(_LINE.fullmatch, page.splitlines()) if found):
        if name in dropped:
            continue
        own = {label: text.replace(r"\"", '"').replace(r"\\", "\\") for label, text in _LABEL.findall(labels or "")}
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        counts = types.get(name) == "counter" or types.get(family) == "histogram"
        grows = float(value) and counts
        yield Stored({**own, **target, "__name__": name}, _count if grows else float(value))


def _count(at: int) -> float:
    """A counter that counts about two in a minute."""
    return float(at // 60 % 10**6 * 2 + _JITTER[at // 60 % _PERIOD] // 3)


def analysis_runs(target: Mapping[str, str], end: int) -> Iterator[Stored]:
    """The AnalysisRuns of a Rollout that starts them all day long; each is gone after an hour."""
    for number in range(RUNS_SINCE // HOUR * RUNS_AN_HOUR):
        since = end - RUNS_SINCE + number * HOUR // RUNS_AN_HOUR
        name = f"search-6b9f8d7c54-{number // 6 + 2}-{number % 6}"
        labels = {"namespace": "checkout", "name": name, "phase": "Successful"}
        yield Stored({"__name__": CHURNING, **labels, **target}, 1.0, since, since + RUN_LIVES)


def of_prometheus(growing: Growing, target: Mapping[str, str], series: int) -> Iterator[Stored]:
    """What Prometheus has told about its storage in the month, with this number of series."""
    constant = {
        "up": 1.0,
        "process_start_time_seconds": float(growing.start),
        "prometheus_tsdb_head_series": float(series),
        "prometheus_tsdb_lowest_timestamp_seconds": float(growing.start),
    }
    rising = {
        "prometheus_tsdb_storage_blocks_bytes": growing.size,
        "prometheus_tsdb_compaction_chunk_size_bytes_sum": growing.written,
        "prometheus_tsdb_compaction_chunk_samples_sum": growing.appended,
    }
    yield from (Stored({"__name__": name, **target}, value) for name, value in constant.items())
    yield from (Stored({"__name__": name, **target}, value) for name, value in rising.items())
    appended = "prometheus_tsdb_head_samples_appended_total"
    yield Stored({"__name__": appended, "type": "float", **target}, growing.appended)
