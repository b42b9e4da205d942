"""The product's client of a Kubernetes API that a test serves."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from maintainer.clients.cluster import Cluster, connect
from maintainer.sandbox.api import kubeconfig


@contextmanager
def connected(url: str, folder: Path) -> Iterator[Cluster]:
    """A client of the API server at a URL, by a kubeconfig in the folder."""
    file = folder / "kubeconfig"
    file.write_text(kubeconfig(url), "utf-8")
    with closing(connect("", str(file))) as cluster:
        yield cluster
