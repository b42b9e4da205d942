"""What limits would keep and take, from the numbers of the Prometheus that is asked."""

from maintainer.analyse.storage.review import StorageReview
from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.sources import Sources
from maintainer.collect.storage.storage import storage_facts
from maintainer.jobs import arguments
from maintainer.settings import Settings

_NOTHING = Wanted((), (), frozenset())


def reviewed(settings: Settings, sources: Sources) -> StorageReview:
    """The review of the storage, without what was deployed."""
    facts = storage_facts(sources, _NOTHING, disk_size=arguments.disk_size(settings))
    return StorageReview(facts, arguments.access(settings, sources), arguments.plans(settings))
