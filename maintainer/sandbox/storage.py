"""A Prometheus that has stored for a month, on a volume of the cluster, as the half-yearly review finds it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from aiohttp import web

from maintainer.model.byte_size import MIB, quantity_text, size_text
from maintainer.sandbox.exporter import CONTENT_TYPE
from maintainer.sandbox.prometheus import ScrapeJob, hides_log
from maintainer.sandbox.store import Store
from maintainer.sandbox.stored_series import Growing, analysis_runs, of_page, of_prometheus
from maintainer.sandbox.textformat import header, labelled, line
from maintainer.sandbox.tsdb import DAY, HOUR, Stored, spans, write_block
from maintainer.sandbox.write_ahead_log import write_log

DAYS, STEP = 30, 60
"""For how many days Prometheus has stored, and the seconds between two scrapes of the controller."""
KEEPS = 90
"""The days of the retention time."""
CAPPED_IN = 40
"""About the days until the size limit begins to delete, if that is a fault."""
LONGEST = 162 * HOUR
"""The seconds of the longest block, which is compacted while those that it is made of are still there."""
LOG = 8 * HOUR * 11
"""The bytes of the write-ahead log for one sample a second: what a forecast leaves free where no metric tells them."""
IN_LOG = 10 * 60
"""The seconds whose samples are in the write-ahead log alone."""
OFTEN = 0.5
"""The seconds between two scrapes of Prometheus itself and of the kubelet, whose values are those of now."""

UNREAD = ("rollout_phase",)
"""What nothing reads, and is stored if that is a fault."""
DROPPED = ("notification_send_bucket", "notification_send_sum", "notification_send_count")
"""What nothing reads and is never stored."""

ITSELF = "prometheus"
"""The job by which Prometheus scrapes itself."""
NAMESPACE, CLAIM, CLASS = "monitoring", "data-prometheus-0", "standard"


@dataclass(frozen=True, slots=True)
class Storage:
    """How the Prometheus of a world stores.

    With ``faults`` its size limit deletes in about :data:`CAPPED_IN` days and is too large for the volume, nothing
    reads :data:`UNREAD`, and AnalysisRuns come and go. ``itself`` is whether it scrapes itself.
    """

    faults: bool = False
    itself: bool = True

    @property
    def dropped(self) -> tuple[str, ...]:
        """The metrics that the scrape job of the controller drops."""
        return DROPPED if self.faults else (*DROPPED, *UNREAD)

    def jobs(self, controllers: Iterable[ScrapeJob], *, itself: str, kubelet: str) -> tuple[ScrapeJob, ...]:
        """The jobs of the controller at the step of the month, and those of Prometheus itself and of the kubelet."""
        slow = [replace(job, interval=STEP, dropped=self.dropped) for job in controllers]
        own = [ScrapeJob(ITSELF, (itself,), interval=OFTEN)] if self.itself else []
        return (*slow, *own, ScrapeJob("kubelet", (kubelet,), interval=OFTEN))


@dataclass(frozen=True, slots=True)
class Kept:
    """The size limit and the volume of what was stored, in bytes."""

    limit: int
    volume: int

    @property
    def flags(self) -> tuple[str, ...]:
        """The limits with which Prometheus starts."""
        return f"--storage.tsdb.retention.time={KEEPS}d", f"--storage.tsdb.retention.size={size_text(self.limit)}"


def keep_month(storage: Storage, data: Path, *, page: str, controller: ScrapeJob, itself: str) -> Kept:
    """Write the blocks of the month until now: of the controller's ``page``, and of what Prometheus said of itself."""
    end = int(time())
    start = end - DAYS * DAY
    target = {"job": controller.name, "instance": controller.instances[0]}
    series = [*of_page(page, target, storage.dropped), Stored({"__name__": "up", **target}, 1.0)]
    series += analysis_runs(target, end) if storage.faults else ()
    growing = _growing(series, start, end)
    own = {"job": ITSELF, "instance": itself}
    series += list(of_prometheus(growing, own, len(series))) if storage.itself else []
    found = spans(start, end - IN_LOG, longest=LONGEST)
    stored = sum(write_block(series, data, span=span, step=STEP).bytes for span in found)
    write_log(series, data, span=(end - IN_LOG, end + 1), step=STEP)
    if not storage.faults:
        return Kept(limit=900 * MIB, volume=1024 * MIB)
    # There is room for the compaction before that one, and none for that one, also by a forecast three days off.
    grown = capped_at(end) - end + LONGEST / 2
    log = LOG * growing.samples if hides_log() else 0.0
    limit = stored + round(grown * growing.bytes + log)
    return Kept(limit, volume=round(1.06 * limit))


def capped_at(now: float) -> int:
    """When the size limit begins to delete (epoch seconds): at a compaction of one of the longest blocks."""
    return round((now + CAPPED_IN * DAY) / LONGEST) * LONGEST


def _growing(series: Iterable[Stored], start: int, end: int) -> Growing:
    """How fast the storage grows by these series, as a block of them shows."""
    with TemporaryDirectory() as folder:
        block = write_block(series, Path(folder), span=(start, start + LONGEST), step=STEP)
    return Growing(start, end, block.samples / LONGEST, block.bytes / LONGEST, block.chunk_bytes / LONGEST)


def put_volume(store: Store, kept: Kept) -> None:
    """Put the claim of Prometheus and its class in the store."""
    size = quantity_text(kept.volume)
    metadata = {"namespace": NAMESPACE, "name": CLAIM, "labels": {"app.kubernetes.io/name": "prometheus"}}
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": CLASS,
        "volumeName": "pvc-2b1c7f0e",
        "resources": {"requests": {"storage": size}},
    }
    status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec, "status": status}
    store.put("persistentvolumeclaims", claim)
    kind = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": CLASS}}
    store.put("storageclasses", {**kind, "provisioner": "ebs.csi.aws.com", "allowVolumeExpansion": True})


def kubelet(data: Path, kept: Kept) -> web.Application:
    """The metrics of a kubelet about the volume, which holds what is in the folder ``data``."""

    async def answer(_: web.Request) -> web.Response:
        labels = labelled({"namespace": NAMESPACE, "persistentvolumeclaim": CLAIM})
        room = kept.volume * 0.985
        used = _size(data)
        values = {"capacity": room, "used": used, "available": room - used}
        named = {f"kubelet_volume_stats_{what}_bytes": value for what, value in values.items()}
        families = (
            header(name, "gauge", description="Of a volume") + line(name, labels, value=value)
            for name, value in named.items()
        )
        return web.Response(body="".join(families).encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get("/metrics", answer)
    return app


def _size(folder: Path) -> int:
    """The bytes of the files; those that a compaction has just removed are none."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue
    return total
