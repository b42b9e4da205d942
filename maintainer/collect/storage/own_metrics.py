"""The metrics of a Prometheus about its own storage: from its page, and from its series if it scrapes itself."""

from collections.abc import Mapping
from math import isfinite

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import TARGET_LABELS, Labels, target_of
from maintainer.model.matchers import matcher
from maintainer.model.storage import StorageGrowth, StorageHistory, StorageMetrics

APPENDED, STARTED, SERIES = (
    "prometheus_tsdb_head_samples_appended_total",
    "process_start_time_seconds",
    "prometheus_tsdb_head_series",
)
_BLOCKS, _OLDEST = "prometheus_tsdb_storage_blocks_bytes", "prometheus_tsdb_lowest_timestamp_seconds"
_WAL, _CHUNKS = "prometheus_tsdb_wal_storage_size_bytes", "prometheus_tsdb_head_chunks_storage_size_bytes"
_BYTES_LIMIT, _TIME_LIMIT = "prometheus_tsdb_retention_limit_bytes", "prometheus_tsdb_retention_limit_seconds"
_DELETIONS = "prometheus_tsdb_size_retentions_total"
FAMILIES = (APPENDED, STARTED, SERIES, _BLOCKS, _OLDEST, _WAL, _CHUNKS, _BYTES_LIMIT, _TIME_LIMIT, _DELETIONS)

_CHUNK_BYTES, _CHUNK_SAMPLES = (f"prometheus_tsdb_compaction_chunk_{name}_sum" for name in ("size_bytes", "samples"))
_WINDOWS = {"1d": 86400.0, "6h": 21600.0, "1h": 3600.0, "10m": 600.0}
"""The ingest is its mean of a day; of a younger server, of the longest of these that it has seen whole."""
DAYS, STEP = 30, 6 * 3600
"""How far back the growth is read, and how often, in seconds."""
YOUNG = 600.0
"""Seconds after its start in which a server may not have scraped itself yet."""


def storage_metrics(prometheus: Prometheus) -> StorageMetrics:
    """The metrics on its own page. Raises :class:`SourceUnavailable` also if the page has none of a storage."""
    values = prometheus.own(FAMILIES)
    if SERIES not in values:
        raise SourceUnavailable("storage-no-metrics", permanent=True, who=prometheus.who, url=prometheus.url)
    return _metrics(values, prometheus.time())


def scraped_metrics(prometheus: Prometheus, target: Labels) -> StorageMetrics:
    """The same as of the server's last scrape of itself. Raises :class:`SourceUnavailable`."""
    names = "|".join(FAMILIES)
    samples = prometheus.vector(f"{{{','.join((matcher('__name__', names, op='=~'), *_matchers(target)))}}}")
    values: dict[str, float] = {}
    for sample in samples:
        name = sample.labels.get("__name__", "")
        values[name] = values.get(name, 0.0) + sample.value
    return _metrics(values, prometheus.time())


def _metrics(values: Mapping[str, float], now: float) -> StorageMetrics:
    known = {name: value for name, value in values.items() if isfinite(value)}
    oldest = known.get(_OLDEST, 0.0)
    return StorageMetrics(
        now=now,
        blocks=known.get(_BLOCKS),
        wal=known.get(_WAL),
        head_chunks=known.get(_CHUNKS),
        # Without blocks it is the largest number that there is.
        oldest=oldest if 0 < oldest <= now else None,
        limit_bytes=known.get(_BYTES_LIMIT),
        limit_seconds=known.get(_TIME_LIMIT),
        size_deletions=known.get(_DELETIONS, 0.0),
        series=known.get(SERIES),
        started=known.get(STARTED),
        appended=known.get(APPENDED),
    )


def own_target(prometheus: Prometheus, metrics: StorageMetrics | None) -> Labels | None:
    """The target by which the server scrapes itself, ``None`` if there is none.

    It is known by its start time. Without that it is the only one with the metrics of a storage. Raises
    :class:`SourceUnavailable` where it cannot be told, such as just after a start.
    """
    by = ", ".join(TARGET_LABELS)
    candidates = {target_of(each.labels) for each in prometheus.vector(f"count by ({by}) ({APPENDED})")}
    started = metrics.started if metrics else None
    if started is None:
        if len(candidates) == 1:
            return min(candidates)
        if not candidates and metrics:
            return None
        if not candidates:
            raise SourceUnavailable("storage-unseen", permanent=True)
        raise SourceUnavailable("storage-unmatched", permanent=True, count=len(candidates))
    same = {target_of(each.labels) for each in prometheus.vector(f"{STARTED} == {started!r}")}
    if found := sorted(same & candidates):
        return found[0]
    if metrics and metrics.now - started < YOUNG:
        raise SourceUnavailable("storage-young")
    return None


def storage_history(prometheus: Prometheus, target: Labels) -> StorageHistory:
    """What the series of the target tell of the last week. Raises :class:`SourceUnavailable`."""
    own = ",".join(_matchers(target))
    ingest, window = None, 0.0
    for text, length in _WINDOWS.items():
        appended = f"{APPENDED}{{{own}}}"
        ingest = _number(prometheus, f"sum(rate({appended}[{text}])) and on () sum({appended} offset {text})")
        if ingest is not None:
            window = length
            break
    peaks = (f"sum(max_over_time({family}{{{own}}}[7d]))" for family in (_WAL, _CHUNKS))
    written = (f"sum(increase({family}{{{own}}}[7d]))" for family in (_CHUNK_BYTES, _CHUNK_SAMPLES))
    return StorageHistory(
        ingest=ingest,
        window=window,
        head_peak=_number(prometheus, " + ".join(peaks)),
        chunk_sample=_number(prometheus, " / ".join(written)) or None,
    )


def storage_today(prometheus: Prometheus) -> tuple[StorageMetrics, float | None]:
    """The metrics of now, and the samples a second of the last day. Raises :class:`SourceUnavailable`.

    The latter are ``None`` where it is not known by which target the server scrapes itself.
    """
    metrics = storage_metrics(prometheus)
    try:
        target = own_target(prometheus, metrics)
    except SourceUnavailable:
        target = None
    if target is None:
        return metrics, None
    return metrics, _number(prometheus, f"sum(rate({APPENDED}{{{','.join(_matchers(target))}}}[1d]))")


def storage_growth(prometheus: Prometheus, target: Labels, now: float) -> StorageGrowth:
    """What the series of the target tell of the last 30 days, four times a day. Raises :class:`SourceUnavailable`."""
    own = ",".join(_matchers(target))
    sizes = " + ".join(
        (f"sum({_BLOCKS}{{{own}}})", *(f"(sum({family}{{{own}}}) or vector(0))" for family in (_WAL, _CHUNKS)))
    )
    kept = f"min(timestamp({_OLDEST}{{{own}}}) - ({_OLDEST}{{{own}}} > 0))"
    last = int(now // STEP) * STEP
    sizes_, ingest, windows = (
        prometheus.course(promql, start=last - DAYS * 86400, end=last, step=STEP)
        for promql in (sizes, f"sum(rate({APPENDED}{{{own}}}[6h]))", kept)
    )
    # Without blocks the oldest time is the largest number that there is.
    return StorageGrowth(sizes_, ingest, tuple((at, window) for at, window in windows if window > 0))


def _number(prometheus: Prometheus, promql: str) -> float | None:
    """The number that a query gives; ``None`` for none, and for one that is not finite, as after a division by zero."""
    samples = prometheus.vector(promql)
    return samples[0].value if samples and isfinite(samples[0].value) else None


def _matchers(target: Labels) -> tuple[str, ...]:
    """An empty value selects series without the label."""
    own = dict(target)
    return tuple(matcher(name, own.get(name, "")) for name in TARGET_LABELS)
