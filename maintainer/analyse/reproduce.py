"""Shell commands with which a reader reproduces a finding."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from shlex import quote
from urllib.parse import quote as quote_url
from urllib.parse import urlencode

from maintainer.model.contract import INFO
from maintainer.model.facts import Key
from maintainer.model.matchers import matcher

_PROXIED = re.compile(r"/api/v1/namespaces/[^/?#]+/(?:services|pods)/[^/]+/proxy(/[^?#]*)?$")
"""How a URL of the API server's proxy to a Service or a pod ends. kubectl itself adds the path of the API server."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a reader reaches Prometheus and the API.

    ``prometheus`` is a URL, which may be that of the API server's proxy to Prometheus. ``context`` is a kubectl
    context, "" the current one. ``matchers`` are added to the selectors of every query. ``ruler`` is the URL of the
    server that evaluates the rules, "" if that is Prometheus. ``kubeconfig`` and ``user`` are those that this run was
    told to use, "" for those of the reader.
    """

    prometheus: str = "http://localhost:9090"
    context: str = ""
    matchers: tuple[str, ...] = ()
    ruler: str = ""
    kubeconfig: str = ""
    user: str = ""

    @property
    def evaluator(self) -> "Access":
        """How the reader reaches the server that evaluates the rules."""
        return replace(self, prometheus=self.ruler) if self.ruler else self

    def kubectl(self, arguments: str) -> str:
        """A kubectl command with these arguments, already quoted, as it asks the same API in the same way."""
        options = {"--kubeconfig": self.kubeconfig, "--context": self.context, "--as": self.user}
        return " ".join(("kubectl", *(f"{name} {quote(value)}" for name, value in options.items() if value), arguments))

    def ask(self, path: str, **params: str) -> str:
        """A command for a request to Prometheus' API, such as ``ask("query", query="up")``."""
        return self.fetch(f"{self.prometheus}/api/v1/{path}", **params)

    def fetch(self, url: str, **params: str) -> str:
        """A command for a GET of a URL with these parameters: kubectl, which has the credentials, if it is proxied."""
        if proxied := _PROXIED.search(url):
            query = f"?{urlencode(params, quote_via=quote_url)}" if params else ""
            return self.kubectl(f"get --raw {quote(proxied[0] + query)}")
        arguments = "".join(f" --data-urlencode {quote(f'{name}={value}')}" for name, value in params.items())
        return f"curl -sS{'G' if params else ''}{arguments} {quote(url)}"

    def post(self, url: str) -> str:
        """A command for a POST of a URL without a body, such as one that makes Prometheus reload: as :meth:`fetch`."""
        if proxied := _PROXIED.search(url):
            return self.kubectl(f"create --raw {quote(proxied[0])} -f /dev/null")
        return f"curl -sS -X POST {quote(url)}"

    def look_for(self, resource: str, key: Key) -> str:
        """A command that finds an object, or says that there is none and does not fail."""
        namespace, name = key
        value = re.sub(r"([\\,=])", r"\\\1", name)
        return self.kubectl(f"-n {quote(namespace)} get {resource} --field-selector {quote(f'metadata.name={value}')}")

    def selector(self, family: str, matchers: Iterable[str] = ()) -> str:
        """A selector with these matchers and those of the settings."""
        return f"{family}{{{','.join((*self.matchers, *matchers))}}}"


def of_rollout(key: Key, access: Access, *, label: str, family: str = INFO, path: str = ".status") -> str:
    """Commands that show both sides of a Rollout: the fields at ``path`` in the API, and its series in Prometheus.

    ``path`` is a JSONPath, ``family`` a regular expression of metric names, ``label`` the label that holds the
    Rollout's namespace.
    """
    namespace, name = key
    object_ = f"-n {quote(namespace)} get rollouts.argoproj.io {quote(name)}"
    return "\n".join((
        access.kubectl(f"{object_} -o jsonpath='{{{path}}}{{\"\\n\"}}'"),
        _series_of(key, access, label=label, family=family),
    ))  # fmt: skip


def of_ghost(key: Key, access: Access, *, label: str) -> str:
    """Commands that show that a Rollout is not in the API and has series in Prometheus; see :func:`of_rollout`."""
    return "\n".join((access.look_for("rollouts.argoproj.io", key), _series_of(key, access, label=label, family=INFO)))


def _series_of(key: Key, access: Access, *, label: str, family: str) -> str:
    namespace, name = key
    matchers = (matcher("__name__", family, op="=~"), matcher(label, namespace), matcher("name", name))
    return access.ask("query", query=access.selector("", matchers))
