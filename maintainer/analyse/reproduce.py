"""Shell commands with which a reader reproduces a finding."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from shlex import quote
from urllib.parse import quote as quote_url

from maintainer.model.contract import INFO
from maintainer.model.facts import Key
from maintainer.model.matchers import matcher

_PROXIED = "/api/v1/namespaces/"


@dataclass(frozen=True, slots=True)
class Access:
    """How a reader reaches Prometheus and the API.

    ``prometheus`` is a URL, or a path of the API server's proxy to Prometheus. ``context`` is a kubectl context, "" the
    current one. ``matchers`` are added to the selectors of every query. ``ruler`` is the URL of the server that
    evaluates the rules, "" if that is Prometheus.
    """

    prometheus: str = "http://localhost:9090"
    context: str = ""
    matchers: tuple[str, ...] = ()
    ruler: str = ""

    @property
    def evaluator(self) -> "Access":
        """How the reader reaches the server that evaluates the rules."""
        return replace(self, prometheus=self.ruler) if self.ruler else self

    def kubectl(self, arguments: str) -> str:
        """A kubectl command with these arguments, already quoted, in the context."""
        return f"kubectl --context {quote(self.context)} {arguments}" if self.context else f"kubectl {arguments}"

    def ask(self, path: str, **params: str) -> str:
        """A command for a request to Prometheus' API, such as ``ask("query", query="up")``."""
        if self.prometheus.startswith(_PROXIED):
            query = "&".join(f"{name}={quote_url(value)}" for name, value in params.items())
            return self.kubectl(f"get --raw {quote(f'{self.prometheus}/api/v1/{path}?{query}')}")
        arguments = "".join(f" --data-urlencode {quote(f'{name}={value}')}" for name, value in params.items())
        return f"curl -sG{arguments} {quote(f'{self.prometheus}/api/v1/{path}')}"

    def selector(self, family: str, matchers: Iterable[str] = ()) -> str:
        """A selector with these matchers and those of the settings."""
        return f"{family}{{{','.join((*self.matchers, *matchers))}}}"


def of_rollout(key: Key, access: Access, *, label: str, family: str = INFO, path: str = ".status") -> str:
    """Commands that show both sides of a Rollout: the fields at ``path`` in the API, and its series in Prometheus.

    ``path`` is a JSONPath, ``family`` a regular expression of metric names, ``label`` the label that holds the
    Rollout's namespace.
    """
    namespace, name = key
    matchers = (matcher("__name__", family, op="=~"), matcher(label, namespace), matcher("name", name))
    return "\n".join((
        access.kubectl(f"-n {quote(namespace)} get rollouts.argoproj.io {quote(name)} -o jsonpath='{{{path}}}'"),
        access.ask("query", query=access.selector("", matchers)),
    ))  # fmt: skip
