"""The settings of the kubernetes client: where the API server is, and the credentials for it."""

from typing import Any
from urllib.parse import unquote

import urllib3
from kubernetes import client, config
from kubernetes.client.rest import should_bypass_proxies
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.config.kube_config import KubeConfigMerger

from maintainer.clients.known_secrets import KnownSecrets, in_headers, in_kubeconfig
from maintainer.clients.proxies import require_usable_proxy
from maintainer.errors import SourceUnavailable
from maintainer.model.proxy_url import problem_of, user_of


def of_account(folder: str) -> tuple[Any, str]:
    """The settings for a ServiceAccount, whose token and CA certificate are in the folder, and the cluster's name."""
    settings: Any = client.Configuration()
    InClusterConfigLoader(f"{folder}/token", f"{folder}/ca.crt").load_and_set(settings)
    return settings, settings.host


def of_kubeconfig(context: str, files: str, secrets: KnownSecrets) -> tuple[Any, str]:
    """The settings for a context of the kubeconfig, "" for the current one, and the name of the context.

    ``files`` are a path, or several as in ``$KUBECONFIG``. Raises :class:`SourceUnavailable` if the context is not
    there, and the errors of the kubernetes client for what is no kubeconfig.
    """
    merged = KubeConfigMerger(files).config
    if merged is None:
        raise config.ConfigException(f"there is no {files}")
    secrets.learn(in_kubeconfig(merged.value))
    known = sorted(entry["name"] for entry in merged.value["contexts"])
    wanted = context or merged.value.get("current-context") or ""
    if wanted not in known:
        raise SourceUnavailable(
            "cluster-no-context",
            permanent=True,
            context=wanted or '""',
            known=", ".join(known) or "none",
            file=files,
        )
    settings: Any = client.Configuration()
    config.load_kube_config(files, wanted, client_configuration=settings, persist_config=False)
    return settings, wanted


def learn_tokens(settings: Any, secrets: KnownSecrets) -> None:
    """Let ``secrets`` know the token of each request, also one that a plug-in or a file gives later."""
    refresh = settings.refresh_api_key_hook

    def refreshed(current: Any) -> None:
        if refresh:
            refresh(current)
        secrets.learn(in_headers(current.api_key))

    settings.refresh_api_key_hook = refreshed


def complete_proxy(settings: Any) -> None:
    """Complete what the kubernetes client does not do with a proxy: its scheme may be left out, its user logs in.

    Raises ``ConfigError`` for a proxy of the environment that cannot be used, and ``ConfigException`` for one of the
    kubeconfig.
    """
    if not settings.proxy or should_bypass_proxies(settings.host, settings.no_proxy or ""):
        return
    if problem := problem_of(settings.proxy):
        require_usable_proxy(settings.host)
        raise config.ConfigException(f"its proxy-url cannot be used: {problem}")
    if "://" not in settings.proxy:
        settings.proxy = f"http://{settings.proxy}"
    if user := user_of(settings.proxy):
        settings.proxy_headers = urllib3.make_headers(proxy_basic_auth=unquote(user))
