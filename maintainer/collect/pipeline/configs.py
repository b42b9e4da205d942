"""Parses the loaded configurations of Prometheus and Alertmanager.

All scalars are texts, as both servers take them: ``replica: 01`` is the label value ``01``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from maintainer.errors import SourceUnavailable
from maintainer.model.pipeline import (
    Alertmanager,
    Discovery,
    PrometheusConfig,
    Route,
    RouteMatcher,
    StoredHistograms,
)
from maintainer.model.secret_text import bare_url
from maintainer.model.source_text import SourceText
from maintainer.model.trees import Broken, Tree, from_yaml, mappings
from maintainer.model.yaml_problem import unquoted

_OTHER_CREDENTIALS = (
    "api_server",
    "kubeconfig_file",
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
)
"""Keys of a discovery that does not use the ServiceAccount of Prometheus' pod."""
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_NUMBER = re.compile(r"[0-9]{1,18}")
_ATTACHED = {"node": "nodes", "namespace": "namespaces"}
_MATCHER = re.compile(
    r"""\s*(?:"((?:\\.|[^"\\])+)"|([^\s"=!~,{}]+))\s*(=~|!~|!=|=)\s*(?:"((?:\\.|[^"\\])*)"\s*|([^",{}]*))"""
)


def prometheus_config(text: str, url: str, *, own_namespace: str) -> PrometheusConfig:
    """Parse the YAML of ``/api/v1/status/config``; ``url`` is only named in errors.

    ``own_namespace`` is the namespace of Prometheus' pods, "" if unknown. Raises :class:`SourceUnavailable` for text
    that is no YAML mapping.
    """
    tree = _tree(text, "Prometheus", url=url)
    alerting = _mapping(tree.get("alerting"))
    usual = _mapping(tree.get("global"))
    external = _mapping(usual.get("external_labels"))
    jobs = [job for job in _items(tree.get("scrape_configs")) if _text(job.get("job_name"))]
    return PrometheusConfig(
        jobs=tuple(_text(job.get("job_name")) for job in jobs),
        discoveries=tuple(
            _discovery(_text(job.get("job_name")), discovery, own_namespace=own_namespace)
            for job in jobs
            for discovery in _items(job.get("kubernetes_sd_configs"))
        ),
        external={str(name): _text(value) for name, value in external.items()},
        relabelled=any(
            _items(part.get("alert_relabel_configs")) for part in (alerting, *_items(alerting.get("alertmanagers")))
        ),
        stores=tuple(bare_url(_text(remote.get("url"))) for remote in _items(tree.get("remote_write"))),
        sample_limits=_sample_limits(jobs, usual.get("sample_limit")),
        histograms={_text(job.get("job_name")): _histograms(job, usual) for job in jobs},
    )


def _sample_limits(jobs: Sequence[Mapping[str, Tree]], usual: Tree | None) -> Mapping[str, int]:
    """The limit of each job that has one; ``usual`` is that of the section ``global``."""
    limits = {_text(job.get("job_name")): _number(job.get("sample_limit")) or _number(usual) for job in jobs}
    return {name: limit for name, limit in limits.items() if limit}


def _histograms(job: Mapping[str, Tree], usual: Mapping[str, Tree]) -> StoredHistograms:
    """How a job stores classic histograms; ``usual`` is the section ``global``."""

    def is_on(key: str) -> bool:
        return _is_on(job.get(key, usual.get(key)))

    native = is_on("convert_classic_histograms_to_nhcb")
    return StoredHistograms(classic=not native or is_on("always_scrape_classic_histograms"), native=native)


def alertmanager_config(text: str, url: str) -> Alertmanager:
    """Parse ``config.original`` of Alertmanager's ``/api/v2/status``; ``url`` is where it was read.

    Raises :class:`SourceUnavailable` for text that is no YAML mapping or has no route.
    """
    tree = _tree(text, "Alertmanager", url=url)
    root = _mapping(tree.get("route"))
    if not _text(root.get("receiver")):
        raise SourceUnavailable(
            "web-broken-answer", who="Alertmanager", url=url, detail="a configuration without a route"
        )
    receivers = _items(tree.get("receivers"))
    silent = [receiver for receiver in receivers if not _notifies(receiver)]
    return Alertmanager(bare_url(url), _route(root, ""), frozenset(_text(receiver.get("name")) for receiver in silent))


def _notifies(receiver: Mapping[str, Tree]) -> bool:
    """Whether the receiver has an integration, such as ``slack_configs``."""
    return any(_items(receiver[key]) for key in receiver if key.endswith("_configs"))


def _route(tree: Mapping[str, Tree], parent_receiver: str) -> Route:
    receiver = _text(tree.get("receiver")) or parent_receiver
    return Route(
        receiver=receiver,
        matchers=_matchers(tree),
        goes_on=_is_on(tree.get("continue")),
        routes=tuple(_route(child, receiver) for child in _items(tree.get("routes"))),
    )


def _matchers(tree: Mapping[str, Tree]) -> tuple[RouteMatcher, ...] | None:
    """The matchers of ``match``, ``match_re`` and ``matchers``; ``None`` if a matcher cannot be parsed."""
    old = [RouteMatcher(str(name), "=", _text(value)) for name, value in _mapping(tree.get("match")).items()]
    old += [RouteMatcher(str(name), "=~", _text(value)) for name, value in _mapping(tree.get("match_re")).items()]
    written = tree.get("matchers")
    texts = _texts(written)
    if isinstance(written, dict) or (isinstance(written, list) and len(texts) < len(written)):
        return None
    try:
        return (*old, *(matcher for text in texts for matcher in parsed_matchers(text)))
    except ValueError:
        return None


def parsed_matchers(text: str) -> Iterator[RouteMatcher]:
    """The matchers of an entry such as ``severity="critical"`` or ``{team="a", severity=~"warning|info"}``.

    Raises ``ValueError`` for another text.
    """
    rest = text.strip().removeprefix("{").removesuffix("}").rstrip().removesuffix(",")
    at = 0
    while at < len(rest):
        match = _MATCHER.match(rest, at)
        if not match or (match.end() < len(rest) and rest[match.end()] != ","):
            raise ValueError(text)
        quoted, bare = match[4], match[5]
        value = bare.strip() if quoted is None else _unquoted(quoted)
        yield RouteMatcher(_unquoted(match[1] or match[2]), match[3], value)
        at = match.end() + 1


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), text)


def _discovery(job: str, tree: Mapping[str, Tree], *, own_namespace: str) -> Discovery:
    limits = _mapping(tree.get("namespaces"))
    own = [own_namespace] if _is_on(limits.get("own_namespace")) and own_namespace else []
    attached = _mapping(tree.get("attach_metadata"))
    return Discovery(
        job=job,
        role=_text(tree.get("role")),
        namespaces=tuple(dict.fromkeys((*own, *_texts(limits.get("names"))))),
        foreign=any(tree.get(key) and not is_null(tree[key]) for key in _OTHER_CREDENTIALS),
        attached=tuple(resource for key, resource in _ATTACHED.items() if _is_on(attached.get(key))),
    )


def _tree(text: str, who: str, *, url: str) -> Mapping[str, Tree]:
    try:
        trees = from_yaml(text)
    except Broken as error:
        detail = f"line {error.line}: {unquoted(error.problem)}"
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail=detail) from error
    if len(trees) != 1 or not isinstance(trees[0], dict):
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail="a configuration that is no mapping")
    return trees[0]


def _mapping(value: Tree | None) -> Mapping[str, Tree]:
    return value if isinstance(value, dict) else {}


def _items(value: Tree | None) -> list[dict[str, Tree]]:
    return list(mappings(value)) if isinstance(value, list) else []


def _texts(value: Tree | None) -> list[str]:
    """The texts of a list, or a single one."""
    texts = value if isinstance(value, list) else [] if value is None or is_null(value) else [value]
    return [str(text) for text in texts if isinstance(text, str)]


def _text(value: Tree | None) -> str:
    """A text; "" where there is none."""
    return str(value) if isinstance(value, str) and not is_null(value) else ""


def is_null(value: Tree) -> bool:
    """Whether a value is there and says nothing: ``null``, ``~`` or no text."""
    return isinstance(value, SourceText) and value.style == "plain" and value in _NULL


def _number(value: Tree | None) -> int:
    """A number that counts something; 0 where there is none."""
    text = _text(value)
    return int(text) if _NUMBER.fullmatch(text) else 0


def _is_on(value: Tree | None) -> bool:
    return _text(value).lower() in {"true", "yes", "on", "y"}
