"""A client of the API server with the rights of an administrator."""

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import NotFoundError

Object = dict[str, Any]
"""A Kubernetes object as JSON."""

MERGE = "application/merge-patch+json"
ROLLOUT = "argoproj.io/v1alpha1", "Rollout"
_CLUSTER_FIRST = ("CustomResourceDefinition", "Namespace")


class Kube:
    """Reads and writes objects of every kind as manifests."""

    def __init__(self, url: str, token: str, ca_file: Path) -> None:
        self.url, self.token, self.ca_file = url, token, ca_file
        known = client.Configuration(host=url, api_key={"authorization": f"Bearer {token}"})
        known.ssl_ca_cert = str(ca_file)
        known.proxy = known.no_proxy = None
        self._api = client.ApiClient(known)
        self._dynamic = DynamicClient(self._api)

    def apply(self, *manifests: Mapping[str, Any]) -> None:
        """Server-side apply, first of the kinds that other objects need."""
        for manifest in sorted(manifests, key=lambda manifest: manifest["kind"] not in _CLUSTER_FIRST):
            self._resource(manifest["apiVersion"], manifest["kind"]).server_side_apply(
                body=manifest,
                name=manifest["metadata"]["name"],
                namespace=manifest["metadata"].get("namespace"),
                field_manager="e2e",
                force_conflicts=True,
            )

    def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object."""
        namespace = manifest["metadata"].get("namespace")
        self._resource(manifest["apiVersion"], manifest["kind"]).create(body=dict(manifest), namespace=namespace)

    def get(self, kind: tuple[str, str], namespace: str, name: str) -> Object:
        """Read an object."""
        return self._plain(self._resource(*kind).get(name=name, namespace=namespace or None))

    def list(self, kind: tuple[str, str], namespace: str = "", selector: str = "") -> list[Object]:
        """List the objects of a kind."""
        answer = self._resource(*kind).get(namespace=namespace or None, label_selector=selector)
        items: list[Object] = self._plain(answer)["items"]
        return items

    def patch(
        self, kind: tuple[str, str], key: tuple[str, str], change: Mapping[str, Any], manager: str = "e2e"
    ) -> None:
        """Merge a change into an object."""
        namespace, name = key
        self._resource(*kind).patch(
            body=dict(change), name=name, namespace=namespace or None, content_type=MERGE, field_manager=manager
        )

    def patch_status(self, kind: tuple[str, str], key: tuple[str, str], change: Mapping[str, Any]) -> None:
        """Merge a change into an object's status."""
        namespace, name = key
        status = self._resource(*kind).subresources["status"]
        status.patch(body={"status": dict(change)}, name=name, namespace=namespace, content_type=MERGE)

    def delete(self, kind: tuple[str, str], namespace: str, name: str) -> None:
        """Delete an object if it exists."""
        with suppress(NotFoundError):
            self._resource(*kind).delete(name=name, namespace=namespace or None)

    def token_of(self, namespace: str, account: str) -> str:
        """A token of a ServiceAccount, as the kubelet requests it."""
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=7200)
        )
        answer = client.CoreV1Api(self._api).create_namespaced_service_account_token(account, namespace, request)
        assert answer.status, answer
        return str(answer.status.token)

    def kubeconfig(self) -> str:
        """The administrator's kubeconfig, for programs outside of the cluster."""
        ca = base64.b64encode(self.ca_file.read_bytes()).decode()
        return yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "e2e",
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "admin"}}],
            "clusters": [{"name": "e2e", "cluster": {"server": self.url, "certificate-authority-data": ca}}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
        })  # fmt: skip

    def _resource(self, api_version: str, kind: str) -> Any:
        return self._dynamic.resources.get(api_version=api_version, kind=kind)

    def _plain(self, answer: Any) -> Object:
        plain: Object = answer.to_dict()
        return plain


def namespaced(manifests: Iterable[Mapping[str, Any]], namespace: str) -> list[Object]:
    """Manifests as ``kubectl apply --namespace`` takes them: manifests without a namespace get ``namespace``."""
    cluster = {"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Namespace", "PersistentVolume", "Node"}
    found = []
    for manifest in manifests:
        own = {} if manifest["kind"] in cluster else {"namespace": namespace}
        found.append({**manifest, "metadata": {**own, **manifest["metadata"]}})
    return found
