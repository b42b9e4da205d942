"""The configurations of Prometheus and of Alertmanager as they have them loaded, read from their YAML."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from maintainer.errors import SourceUnavailable
from maintainer.model.pipeline import Alertmanager, Discovery, PrometheusConfig, Route, RouteMatcher

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OWN = ("api_server", "kubeconfig_file", "basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file")
"""Keys with which discovery asks otherwise than as the pod's ServiceAccount."""
_ATTACHED = {"node": "nodes", "namespace": "namespaces"}
_MATCHER = re.compile(
    r"""\s*(?:"((?:\\.|[^"\\])+)"|([^\s"=!~,{}]+))\s*(=~|!~|!=|=)\s*(?:"((?:\\.|[^"\\])*)"\s*|([^",{}]*))"""
)


def prometheus_config(text: str, url: str, *, own_namespace: str) -> PrometheusConfig:
    """What is read of ``/api/v1/status/config``; ``own_namespace`` is the one that Prometheus runs in, "" unknown."""
    tree = _tree(text, "Prometheus", url)
    alerting = _mapping(tree.get("alerting"))
    jobs = [job for job in _items(tree.get("scrape_configs")) if job.get("job_name")]
    return PrometheusConfig(
        jobs=tuple(str(job["job_name"]) for job in jobs),
        discoveries=tuple(
            _discovery(str(job["job_name"]), one, own_namespace)
            for job in jobs
            for one in _items(job.get("kubernetes_sd_configs"))
        ),
        external={str(name): str(value) for name, value in _global(tree).items()},
        relabelled=any(one.get("alert_relabel_configs") for one in (alerting, *_items(alerting.get("alertmanagers")))),
    )


def alertmanager_config(text: str, url: str) -> Alertmanager:
    """The route tree and the receivers of Alertmanager's ``config.original``."""
    tree = _tree(text, "Alertmanager", url)
    root = _mapping(tree.get("route"))
    if not root.get("receiver"):
        raise SourceUnavailable(
            "web-broken-answer", who="Alertmanager", url=url, detail="a configuration without a route"
        )
    silent = (
        one for one in _items(tree.get("receivers")) if not any(one[key] for key in one if key.endswith("_configs"))
    )
    return Alertmanager(url, _route(root, ""), frozenset(str(one.get("name")) for one in silent))


def _route(tree: Mapping[str, Any], above: str) -> Route:
    receiver = str(tree.get("receiver") or above)
    return Route(
        receiver=receiver,
        matchers=_matchers(tree),
        goes_on=bool(tree.get("continue")),
        routes=tuple(_route(one, receiver) for one in _items(tree.get("routes"))),
    )


def _matchers(tree: Mapping[str, Any]) -> tuple[RouteMatcher, ...] | None:
    """The matchers in all three spellings; ``None`` where one cannot be read."""
    old = [RouteMatcher(str(name), "=", str(value)) for name, value in _mapping(tree.get("match")).items()]
    old += [RouteMatcher(str(name), "=~", str(value)) for name, value in _mapping(tree.get("match_re")).items()]
    written = tree.get("matchers") or []
    try:
        new = [one for text in ([written] if isinstance(written, str) else written) for one in _written(str(text))]
    except ValueError:
        return None
    return (*old, *new)


def _written(text: str) -> Iterator[RouteMatcher]:
    """One or more matchers such as ``severity="critical"``, with or without braces around them."""
    rest = text.strip().removeprefix("{").removesuffix("}").rstrip().removesuffix(",")
    at = 0
    while at < len(rest):
        found = _MATCHER.match(rest, at)
        if not found or (found.end() < len(rest) and rest[found.end()] != ","):
            raise ValueError(text)
        quoted, bare = found[4], found[5]
        yield RouteMatcher(
            _unquoted(found[1] or found[2]), found[3], bare.strip() if quoted is None else _unquoted(quoted)
        )
        at = found.end() + 1


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text)


def _discovery(job: str, tree: Mapping[str, Any], own_namespace: str) -> Discovery:
    given = _mapping(tree.get("namespaces"))
    names = [str(name) for name in given.get("names") or ()]
    own = [own_namespace] if given.get("own_namespace") and own_namespace else []
    attached = _mapping(tree.get("attach_metadata"))
    return Discovery(
        job=job,
        role=str(tree.get("role")),
        namespaces=tuple(dict.fromkeys((*own, *names))),
        foreign=any(tree.get(key) for key in _OWN),
        attached=tuple(resource for key, resource in _ATTACHED.items() if attached.get(key)),
    )


def _global(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(tree.get("global")).get("external_labels"))


def _tree(text: str, who: str, url: str) -> Mapping[str, Any]:
    try:
        tree = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe
    except (yaml.YAMLError, ValueError) as error:
        detail = " ".join(str(error).split())
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail=detail) from error
    if not isinstance(tree, dict):
        raise SourceUnavailable("web-broken-answer", who=who, url=url, detail="a configuration that is no mapping")
    return tree


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
