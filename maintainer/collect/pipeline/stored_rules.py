"""The rules that the cluster stores for Prometheus: in the ConfigMaps that it mounts, and as PrometheusRules."""

import json
from collections.abc import Mapping
from typing import Any

from maintainer.clients import monitoring
from maintainer.clients.cluster import Cluster
from maintainer.clients.monitoring import Held
from maintainer.collect.queries.files import read_queries
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.facts import Key
from maintainer.model.pipeline import StoredRules


def stored_in(cluster: Cluster, key: Key) -> StoredRules | None:
    """The rules of one ConfigMap; ``None`` where it is not there. Raises :class:`SourceUnavailable`."""
    held = monitoring.config_map(cluster, *key)
    return _stored("ConfigMap", held, {"data": held.data}) if held else None


def stored_rules(cluster: Cluster) -> tuple[StoredRules, ...]:
    """The rules of all PrometheusRules. Raises :class:`SourceUnavailable`."""
    return tuple(_stored("PrometheusRule", held, {"spec": held.spec}) for held in monitoring.prometheus_rules(cluster))


def _stored(kind: str, held: Held, content: Mapping[str, Any]) -> StoredRules:
    meta = held.metadata
    name = f"{kind}/{meta.namespace}/{meta.name}"
    try:
        found = read_queries(json.dumps({"kind": kind, **content}), f"{name}.json")
    except ConfigError as error:
        raise SourceUnavailable("unreadable-rules", object=name, detail=str(error)) from error
    if found.unchecked:
        broken = ", ".join(one.name for one in found.unchecked)
        raise SourceUnavailable("unreadable-rules", object=name, detail=broken)
    rules = tuple(one for one in found.queries if one.asks in {"alert", "record"})
    return StoredRules(kind, meta.namespace, meta.name, rules, meta.changed)
