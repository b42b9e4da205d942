"""What a command gets from the process that it runs in: the clocks, the kubeconfig, the version."""

import gc
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.model.clock import Clock
from maintainer.reporting import Machine
from maintainer.settings import Settings


def machine(settings: Settings, environ: Mapping[str, str], secrets: KnownSecrets) -> Machine:
    """What a run gets from this process; ``secrets`` learns those of the run."""
    named = settings.cluster.kubeconfig or environ.get("KUBECONFIG", "")
    kubeconfig = named or _usual_kubeconfig(environ)
    clock = Clock(time.monotonic, time.sleep)
    token = environ.get("SLACK_BOT_TOKEN", "").strip()
    secrets.learn([token] if token else [])
    return Machine(clock, datetime.now(UTC), version(), kubeconfig, bool(named), secrets, slack_token=token)


def version() -> str:
    """The version of this program."""
    return metadata.version("maintainer")


def spare_collector() -> None:
    """Let the garbage collector run seldom: a command keeps almost all objects that it makes until it ends."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _usual_kubeconfig(environ: Mapping[str, str]) -> str:
    """The kubeconfig where none is named; "" is the ServiceAccount of the pod that this process runs in."""
    default = Path.home() / ".kube" / "config"
    inside = "KUBERNETES_SERVICE_HOST" in environ and not default.is_file()
    return "" if inside else str(default)
