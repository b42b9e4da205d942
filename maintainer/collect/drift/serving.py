"""What the servers have loaded at the moment: all that a restoring has to see of each of them, or an error."""

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import LoadedConfiguration


def servers(sources: Sources) -> tuple[Prometheus, ...]:
    """The servers that read files: the one that scrapes, and the one that evaluates rules if it is another."""
    found = {server.url: server for server in (sources.prometheus, sources.evaluator) if server}
    return tuple(found.values())


def loaded_now(sources: Sources) -> tuple[LoadedConfiguration, ...]:
    """What each server has loaded of what it reads. Raises :class:`SourceUnavailable` if one does not say."""
    found = servers(sources)
    if not found:
        raise SourceUnavailable("prometheus-not-found", permanent=True)
    return tuple(
        LoadedConfiguration(
            server=server.url,
            config=server.config() if server is sources.prometheus else None,
            rules=server.whole_rules() if server is sources.evaluator else None,
        )
        for server in found
    )
