"""What to say of a server that could not be read, and the one command to type about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from shlex import quote
from urllib.parse import urlsplit

from maintainer.analyse.doctor.commands import Commands
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message

_PROXY = ("proxy", "Tunnel connection failed")
"""What an error says of a proxy that does not let the request through."""
_UNKNOWN_NAME = ("resol", "Name or service not known", "nodename nor servname", "No address associated")
_TOKENS: Mapping[str, str] = {"PROMETHEUS": "BEARER_TOKEN_FILE", "GRAFANA": "TOKEN_FILE"}
"""The setting that names the file of a token, by the section of the settings."""
_FORBIDDEN = ("gap/cluster-forbidden", "gap/web-proxy")
"""Beginnings of the reasons that are a right of Kubernetes that lacks."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What was seen, and the command to type."""

    seen: Message
    next: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a server could not be read: the texts that its reason has, and the commands that lead there.

    ``name`` is the server for a reader, ``section`` the section of the settings that it has, in capitals.
    """

    reason: Message
    commands: Commands
    name: str
    section: str = ""

    def again(self, key: str, value: str) -> str:
        """Doctor once more, with this value of a setting of the server."""
        return self.commands.doctor(value=value, variable=f"MAINTAINER_{self.section}_{key}")

    def __getitem__(self, key: str) -> str:
        """A parameter of the reason; "" if it has none of this name."""
        return str(self.reason.named.get(key, ""))

    @property
    def url(self) -> str:
        """The server's URL."""
        return self["url"]


def is_forbidden(why: Unavailable) -> bool:
    """Whether a right of Kubernetes lacks."""
    return why.reason.id.startswith(_FORBIDDEN)


def remedy(trouble: Trouble) -> Remedy:
    """What to say, and what to type. A reason that is not in the table speaks for itself."""
    known = REMEDIES.get(trouble.reason.id)
    return known(trouble) if known else Remedy(trouble.reason, _look(trouble))


def _look(trouble: Trouble) -> str:
    """A command that shows what answers."""
    return trouble.commands.fetch(trouble.url) if trouble.url else trouble.commands.kubectl("get --raw /version")


def _no_kubeconfig(trouble: Trouble) -> Remedy:
    seen = message("doctor/no-kubeconfig", detail=trouble["detail"])
    return Remedy(seen, trouble.commands.doctor("--kubeconfig", "FILE"))


def _no_context(trouble: Trouble) -> Remedy:
    known = trouble["known"].split(", ")
    seen = message("doctor/no-context", context=trouble["context"], file=trouble["file"], known=trouble["known"])
    nearest = (get_close_matches(trouble["context"], known, n=1) or known)[0]
    if known == ["none"]:
        return Remedy(seen, trouble.commands.doctor("--kubeconfig", "FILE"))
    return Remedy(seen, trouble.commands.doctor("--context", nearest))


def _unauthorized(trouble: Trouble) -> Remedy:
    seen = message("doctor/unauthorized", url=trouble.url, said=trouble["said"])
    return Remedy(seen, trouble.commands.kubectl("auth whoami"))


def _unreached(trouble: Trouble) -> Remedy:
    """No connection: by a proxy, by the name of the host, by a certificate, or because nothing listens there."""
    host, detail = urlsplit(trouble.url).hostname or "", trouble["detail"]
    if any(word in detail for word in _PROXY):
        seen = message("doctor/proxy", who=trouble.name, url=trouble.url, detail=detail)
        return Remedy(seen, f'NO_PROXY="$NO_PROXY",{quote(host)} {trouble.commands.doctor()}')
    if any(word in detail for word in _UNKNOWN_NAME):
        seen = message("doctor/unknown-name", who=trouble.name, url=trouble.url, host=host)
        return Remedy(seen, f"getent hosts {quote(host)}")
    if "CERTIFICATE_VERIFY_FAILED" in detail:
        return _untrusted(trouble)
    seen = message("doctor/unreached", who=trouble.name, url=trouble.url, detail=detail)
    return Remedy(seen, _look(trouble))


def _untrusted(trouble: Trouble) -> Remedy:
    seen = message("doctor/untrusted", who=trouble.name, url=trouble.url, detail=trouble["detail"])
    if trouble.section == "PROMETHEUS":
        return Remedy(seen, trouble.again("TLS_CA_FILE", "FILE"))
    if trouble.section:
        return Remedy(seen, _look(trouble))
    return Remedy(seen, trouble.commands.kubectl("config view --minify"))


def _no_answer(trouble: Trouble) -> Remedy:
    seen = message("doctor/no-answer", who=trouble.name, url=trouble.url, seconds=trouble["seconds"])
    return Remedy(seen, _look(trouble))


def _not_its_api(trouble: Trouble) -> Remedy:
    seen = message("doctor/not-its-api", who=trouble.name, url=trouble.url, said=trouble["detail"] or trouble["said"])
    return Remedy(seen, _look(trouble))


def _no_impersonation(trouble: Trouble) -> Remedy:
    seen = message("doctor/no-impersonation", user=trouble["user"], said=trouble["said"])
    return Remedy(seen, trouble.commands.kubectl("auth can-i impersonate users"))


def _speaks_https(trouble: Trouble) -> Remedy:
    seen = message("doctor/speaks-https", who=trouble.name, url=trouble.url)
    secure = f"https{trouble.url.removeprefix('http')}"
    if trouble.section == "PROMETHEUS":
        return Remedy(seen, trouble.commands.doctor("--prometheus-url", secure))
    return Remedy(seen, trouble.again("URL", secure))


def _no_credentials(trouble: Trouble) -> Remedy:
    if trouble.section not in _TOKENS:
        return _refused(trouble)
    seen = message(
        "doctor/no-credentials", who=trouble.name, url=trouble.url, status=trouble["status"], said=trouble["said"]
    )
    return Remedy(seen, trouble.again(_TOKENS[trouble.section], "FILE"))


def _refused(trouble: Trouble) -> Remedy:
    seen = message("doctor/refused", who=trouble.name, url=trouble.url, status=trouble["status"], said=trouble["said"])
    return Remedy(seen, _look(trouble))


def _no_prometheus(trouble: Trouble) -> Remedy:
    return Remedy(message("doctor/no-prometheus"), trouble.commands.kubectl("get services --all-namespaces"))


def _no_service(trouble: Trouble) -> Remedy:
    seen = message("doctor/no-service", service=trouble["service"])
    return Remedy(seen, trouble.commands.kubectl("get services --all-namespaces"))


def _no_folder(trouble: Trouble) -> Remedy:
    seen = message("doctor/store.unreadable", place=trouble["place"], detail=trouble["detail"])
    return Remedy(seen, f"ls -ld {quote(trouble['place'])}")


REMEDIES: Mapping[str, Callable[[Trouble], Remedy]] = {
    "gap/cluster-config": _no_kubeconfig,
    "gap/cluster-no-context": _no_context,
    "gap/cluster-unauthorized": _unauthorized,
    "gap/web-connection": _unreached,
    "gap/web-tls": _unreached,
    "gap/web-handshake": _unreached,
    "gap/web-timeout": _no_answer,
    "gap/web-auth": _no_credentials,
    "gap/web-https": _speaks_https,
    "gap/cluster-no-impersonation": _no_impersonation,
    "gap/web-broken-answer": _not_its_api,
    "gap/web-not-found": _not_its_api,
    "gap/web-status": _refused,
    "gap/prometheus-not-found": _no_prometheus,
    "gap/prometheus-no-service": _no_service,
    "gap/store-folder": _no_folder,
}
"""By the reason in the catalogue."""
