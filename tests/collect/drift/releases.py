"""Helm's revisions as the API server has them."""

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

MANIFEST = """---
# Source: monitoring/templates/prometheus-configmap.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: prometheus-config
data:
  prometheus.yml: |
    global: {}
---
# Source: monitoring/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: prometheus}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"""


def listed(*revisions: tuple[int, str], name: str = "monitoring") -> dict[str, Any]:
    """The metadata of the Secrets of a release, by revision and status."""
    return {"metadata": {}, "items": [
        {"metadata": {
            "name": f"sh.helm.release.v1.{name}.v{number}",
            "labels": {"owner": "helm", "name": name, "version": str(number), "status": status},
        }}
        for number, status in revisions
    ] or None}  # fmt: skip


def packed(release: Mapping[str, Any]) -> str:
    """A release as Helm packs it."""
    return b64encode(gzip.compress(json.dumps(release).encode())).decode()


def secret(manifest: str = MANIFEST, status: str = "deployed", **more: Any) -> dict[str, Any]:
    """The Secret of a revision."""
    release = {"name": "monitoring", "info": {"status": status}, "manifest": manifest, **more}
    return {"data": {"release": b64encode(packed(release).encode()).decode()}}
