"""Parses the loaded configurations of Prometheus and Alertmanager."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

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
from maintainer.model.yaml_problem import yaml_problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    jobs = [job for job in _items(tree.get("scrape_configs")) if job.get("job_name")]
    return PrometheusConfig(
        jobs=tuple(str(job["job_name"]) for job in jobs),
        discoveries=tuple(
            _discovery(str(job["job_name"]), discovery, own_namespace=own_namespace)
            for job in jobs
            for discovery in _items(job.get("kubernetes_sd_configs"))
        ),
        external={str(name): str(value) for name, value in external.items()},
        relabelled=any(
            part.get("alert_relabel_configs") for part in (alerting, *_items(alerting.get("alertmanagers")))
        ),
        stores=tuple(bare_url(str(remote.get("url"))) for remote in _items(tree.get("remote_write"))),
        sample_limits=_sample_limits(jobs, usual.get("sample_limit")),
        histograms={str(job["job_name"]): _histograms(job, usual) for job in jobs},
    )


def _sample_limits(jobs: list[Mapping[str, Any]], usual: object) -> Mapping[str, int]:
    """The limit of each job that has one; ``usual`` is that of the section ``global``."""
    limits = {str(job["job_name"]): job.get("sample_limit") or usual for job in jobs}
    return {name: limit for name, limit in limits.items() if isinstance(limit, int) and limit > 0}


def _histograms(job: Mapping[str, Any], usual: Mapping[str, Any]) -> StoredHistograms:
    """How a job stores classic histograms; ``usual`` is the section ``global``."""

    def is_on(key: str) -> bool:
        return bool(job.get(key, usual.get(key)))

    native = is_on("convert_classic_histograms_to_nhcb")
    return StoredHistograms(classic=not native or is_on("always_scrape_classic_histograms"), native=native)


def alertmanager_config(text: str, url: str) -> Alertmanager:
    """Parse ``config.original`` of Alertmanager's ``/api/v2/status``; ``url`` is where it was read.

    Raises :class:`SourceUnavailable` for text that is no YAML mapping or has no route.
    """
    tree = _tree(text, "Alertmanager", url=url)
    root = _mapping(tree.get("route"))
    if not root.get("receiver"):
        raise SourceUnavailable(
            "web-broken-answer", who="Alertmanager", url=url, detail="a configuration without a route"
        )
    receivers = _items(tree.get("receivers"))
    silent = [receiver for receiver in receivers if not _notifies(receiver)]
    try:
        routes = _route(root, "")
    except RecursionError as error:
        detail = "a route that holds itself, or routes that are nested too deeply"
        raise SourceUnavailable("web-broken-answer", who="Alertmanager", url=url, detail=detail) from error
    return Alertmanager(bare_url(url), routes, frozenset(str(receiver.get("name")) for receiver in silent))


def _notifies(receiver: Mapping[str, Any]) -> bool:
    """Whether the receiver has an integration, such as ``slack_configs``."""
    return any(receiver[key] for key in receiver if str(key).endswith("_configs"))


def _route(tree: Mapping[str, Any], parent_receiver: str) -> Route:
    receiver = str(tree.get("receiver") or parent_receiver)
    return Route(
        receiver=receiver,
        matchers=_matchers(tree),
        goes_on=bool(tree.get("continue")),
        routes=tuple(_route(child, receiver) for child in _items(tree.get("routes"))),
    )


def _matchers(tree: Mapping[str, Any]) -> tuple[RouteMatcher, ...] | None:
    """The matchers of ``match``, ``match_re`` and ``matchers``; ``None`` if a matcher cannot be parsed."""
    old = [RouteMatcher(str(name), "=", str(value)) for name, value in _mapping(tree.get("match")).items()]
    old += [RouteMatcher(str(name), "=~", str(value)) for name, value in _mapping(tree.get("match_re")).items()]
    written = tree.get("matchers") or []
    texts = [written] if isinstance(written, str) else written
    if not isinstance(texts, list):
        return None
    try:
        return (*old, *(matcher for text in texts for matcher in _parsed_matchers(str(text))))
    except ValueError:
        return None


def _parsed_matchers(text: str) -> Iterator[RouteMatcher]:
    """The matchers of an entry such as ``severity="critical"`` or ``{team="a", severity=~"warning|info"}``."""
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


def _discovery(job: str, tree: Mapping[str, Any], *, own_namespace: str) -> Discovery:
    limits = _mapping(tree.get("namespaces"))
    listed = limits.get("names")
    names = [str(name) for name in (listed if isinstance(listed, list) else ())]
    own = [own_namespace] if limits.get("own_namespace") and own_namespace else []
    attached = _mapping(tree.get("attach_metadata"))
    return Discovery(
        job=job,
        role=str(tree.get("role")),
        namespaces=tuple(dict.fromkeys((*own, *names))),
        foreign=any(tree.get(key) for key in _OTHER_CREDENTIALS),
        attached=tuple(resource for key, resource in _ATTACHED.items() if attached.get(key)),
    )


def _tree(text: str, who: str, *, url: str) -> Mapping[str, Any]:
    try:
        tree = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe
    except (yaml.YAMLError, ValueError) as error:
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail=yaml_problem(error)) from error
    if not isinstance(tree, dict):
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail="a configuration that is no mapping")
    return tree


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
