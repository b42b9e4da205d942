"""The settings of the kubernetes client: where the API server is, and the credentials for it."""

import os
import weakref
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import unquote

import urllib3
import yaml
from kubernetes import client, config
from kubernetes.client.rest import should_bypass_proxies
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

from maintainer.clients import exec_plugin
from maintainer.clients.exec_plugin import Credential, credential
from maintainer.clients.known_secrets import KnownSecrets, in_headers, in_kubeconfig
from maintainer.clients.limits import Limits
from maintainer.clients.local_file import require_end
from maintainer.clients.memory_files import memory_file
from maintainer.clients.proxies import require_usable_proxy
from maintainer.errors import SourceUnavailable
from maintainer.model.proxy_url import problem_of, problem_of_host, user_of
from maintainer.model.yaml_problem import yaml_problem

_BEFORE_EXPIRY = timedelta(seconds=30)
"""A token that expires so soon is renewed before the next request."""
_NOT_A_KUBECONFIG = (TypeError, ValueError, KeyError, AttributeError)
"""What the kubernetes client raises for a kubeconfig that is not a mapping or lacks a required key."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """The names of the contexts of a kubeconfig, sorted, and the current one of them, "" if there is none."""

    names: tuple[str, ...] = ()
    current: str = ""


@contextmanager
def usable(kubeconfig: str) -> Iterator[None]:
    """Raise what shows that a kubeconfig or a ServiceAccount cannot be used as :class:`SourceUnavailable`."""
    try:
        yield
    except (config.ConfigException, yaml.YAMLError, OSError, *_NOT_A_KUBECONFIG) as error:
        detail = " ".join(str(error).split()).rstrip(".")
        if isinstance(error, yaml.YAMLError):
            detail = f"{kubeconfig} is not YAML: {yaml_problem(error)}"
        elif isinstance(error, _NOT_A_KUBECONFIG):
            detail = f"{kubeconfig} is not a kubeconfig ({detail})"
        raise SourceUnavailable("cluster-config", permanent=True, detail=detail) from error


def of_account(folder: str) -> tuple[Any, str]:
    """The settings for a ServiceAccount, whose token and CA certificate are in the folder, and the cluster's name."""
    settings: Any = client.Configuration()
    InClusterConfigLoader(f"{folder}/token", f"{folder}/ca.crt").load_and_set(settings)
    return settings, settings.host


def of_kubeconfig(context: str, files: str, *, secrets: KnownSecrets, limits: Limits) -> tuple[Any, str]:
    """The settings for a context of the kubeconfig, "" for the current one, and the name of the context.

    ``files`` are a path, or several as in ``$KUBECONFIG``. Raises :class:`SourceUnavailable` if the context is not
    there, and the errors of the kubernetes client for what is no kubeconfig.
    """
    merged = _merged(files)
    # The merged entries are wrapped, and hide what is in them.
    secrets.learn(in_kubeconfig([entry.value for part in ("users", "clusters") for entry in merged.value[part]]))
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
    loader = KubeConfigLoader(merged, wanted, config_base_path=None)
    chosen = merged["contexts"].get_with_name(wanted)["context"]
    cluster = merged["clusters"].get_with_name(chosen["cluster"])["cluster"]
    named = merged["users"].get_with_name(chosen.safe_get("user"), safe=True)
    user = named["user"] if named else None
    renewal = None
    if user and "exec" in user and not {"auth-provider", "token", "tokenFile"} & user.value.keys():
        ask = partial(_ask_plugin, user.value.pop("exec"), cluster, folder=_folder(user.path), limits=limits)
        renewal = _Renewal(given := ask(), ask)
        user.value.update(_data(given))
    secrets.learn(in_kubeconfig(user.value if user else None))
    for entry in filter(None, (user, cluster)):
        _keep_in_memory(entry.value, settings)
    if user and (token_file := user.value.get("tokenFile")):
        _require_end(os.path.join(_folder(user.path), token_file))
    loader.load_and_set(settings)
    if renewal:
        settings.refresh_api_key_hook = renewal
    return settings, wanted


def contexts_of(files: str) -> Contexts:
    """The contexts of a kubeconfig. Raises :class:`SourceUnavailable` if it cannot be used."""
    with usable(files):
        merged = _merged(files).value
        names = tuple(sorted(entry["name"] for entry in merged["contexts"]))
        current = merged.get("current-context")
        return Contexts(names, current if current in names else "")


def _merged(files: str) -> Any:
    """The kubeconfig at the paths, merged, in the wrapping of the kubernetes client."""
    if "\n" in files:
        raise config.ConfigException("KUBECONFIG holds a text, and not the path of a file")
    for file in files.split(os.pathsep):
        _require_end(os.path.expanduser(file))
    merged = KubeConfigMerger(files).config
    if merged is None:
        raise config.ConfigException(f"there is no {files}")
    return merged


def _require_end(path: str) -> None:
    try:
        require_end(path)
    except OSError as error:
        raise config.ConfigException(f"cannot read {path}: {error.strerror}") from error


def _ask_plugin(plugin: Any, cluster: Any, *, folder: str, limits: Limits) -> Credential:
    limits.require_time()
    seconds = min(exec_plugin.SECONDS, limits.end - monotonic())
    return credential(plugin, folder, cluster.value, seconds=seconds)


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


def _data(given: Credential) -> dict[str, str]:
    """A plug-in's credential as a kubeconfig holds it in the entry of a user."""
    pem = {"client-certificate-data": given.client_certificate_data, "client-key-data": given.client_key_data}
    data = {name: b64encode(text.encode()).decode() for name, text in pem.items() if text}
    return data | ({"token": given.token} if given.token else {})


class _Renewal:
    """Asks a plug-in for another token when the present one is about to expire."""

    def __init__(self, given: Credential, ask: Callable[[], Credential]) -> None:
        self._expires = given.expiration_timestamp
        self._ask = ask

    def __call__(self, settings: Any) -> None:
        """Renew the token of the settings; the kubernetes client calls this before each request."""
        if self._expires is None or self._expires > datetime.now(UTC) + _BEFORE_EXPIRY:
            return
        given = self._ask()
        self._expires = given.expiration_timestamp
        if given.token:
            settings.api_key["BearerToken"] = f"Bearer {given.token}"


def _keep_in_memory(entry: dict[str, Any], settings: Any) -> None:
    """Replace certificates and keys of a kubeconfig's entry by files in memory, which end with the settings.

    The kubernetes client would write them into files on disk, where a key stays if this process is killed.
    """
    for name in ("certificate-authority", "client-certificate", "client-key"):
        if not (data := entry.get(f"{name}-data")):
            continue
        if file := memory_file(b64decode(data)):
            path, descriptor = file
            weakref.finalize(settings, os.close, descriptor)
            del entry[f"{name}-data"]
            entry[name] = path


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
    kubeconfig, and for a server that no proxy and nothing else could reach.
    """
    if problem := problem_of_host(settings.host):
        raise config.ConfigException(f"its server cannot be used: {problem}")
    if not settings.proxy or should_bypass_proxies(settings.host, settings.no_proxy or ""):
        return
    if problem := problem_of(settings.proxy):
        require_usable_proxy(settings.host)
        raise config.ConfigException(f"its proxy-url cannot be used: {problem}")
    if "://" not in settings.proxy:
        settings.proxy = f"http://{settings.proxy}"
    if user := user_of(settings.proxy):
        settings.proxy_headers = urllib3.make_headers(proxy_basic_auth=unquote(user))
