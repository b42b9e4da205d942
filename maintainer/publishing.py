"""Hands the metrics of the ledger to Prometheus: by a file for the node exporter, and by a Pushgateway."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from maintainer.clients.endpoint import Endpoint, secret
from maintainer.clients.pushgateway import Pushgateway
from maintainer.deliver.metrics import job_metrics, page, with_cluster, write_textfile
from maintainer.errors import DeliveryFailed, SourceUnavailable
from maintainer.model.ledger import Entry
from maintainer.reporting import Shared
from maintainer.settings import Settings

TIMEOUT = 10.0
"""Seconds of a wait for the Pushgateway."""


def open_publishing(settings: Settings, shared: Shared) -> "Publishing | None":
    """What hands the metrics on by these settings; ``None`` for nothing. Raises ``ConfigError`` for a lost password.

    A run of some checks only has not the findings of the others, so it hands nothing on.
    """
    metrics, basic = settings.metrics, settings.metrics.basic_auth
    if settings.checks or not (metrics.textfile or metrics.pushgateway):
        return None
    login = (basic.username, secret(basic.password_file)) if basic.username else None
    endpoint = shared.machine.secrets.watched(Endpoint(metrics.pushgateway, basic=login, timeout=TIMEOUT))
    return Publishing(metrics.textfile, Pushgateway(endpoint) if metrics.pushgateway else None, shared)


@dataclass(frozen=True, slots=True)
class Publishing:
    """Hands metrics on to the ``textfile`` and the ``gateway``, "" and ``None`` for none."""

    textfile: str
    gateway: Pushgateway | None
    shared: Shared

    def publish(self, entries: Sequence[Entry], *, pushed: Collection[str]) -> tuple[DeliveryFailed, ...]:
        """Write the metrics of a cluster's entries, and push those of the jobs ``pushed``; why that failed."""
        entries = [entry for entry in entries if entry.notice is None]
        if not entries:
            return ()
        steps = [partial(self._write, entries)] if self.textfile else []
        steps += [partial(self._push, self.gateway, entries, pushed)] if self.gateway else []
        failed = tuple(failed for step in steps if (failed := self._tried(step)))
        if self.gateway:
            self.gateway.close()
        return failed

    def _write(self, entries: Sequence[Entry]) -> None:
        write_textfile(self.textfile, with_cluster(job_metrics(entries), entries[0].cluster))

    def _push(self, gateway: Pushgateway, entries: Sequence[Entry], pushed: Collection[str]) -> None:
        # A group for each job, because the label of the group replaces the label job of the metrics.
        for job in sorted({entry.job for entry in entries}.intersection(pushed)):
            families = job_metrics(entry for entry in entries if entry.job == job)
            gateway.put({"job": job, "cluster": entries[0].cluster}, page(families))

    def _tried(self, step: Callable[[], None]) -> DeliveryFailed | None:
        """Why the step failed, in a line; ``None`` if it did not."""
        try:
            self.shared.faults.guard(step)
        except (DeliveryFailed, SourceUnavailable) as error:  # the guard makes the second of a fault
            text = self.shared.machine.secrets.hide_in_error(" ".join(str(error).split()))
            return DeliveryFailed(f"the metrics of the run were not delivered: {text}")
        return None
