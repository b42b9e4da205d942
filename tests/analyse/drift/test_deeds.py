"""What a report says of what was done to an object."""

import pytest

from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.deeds import actions
from maintainer.model.restoring import Deed
from tests.analyse.drift.builders import config_map
from tests.analyse.drift.faults import ALERTS, audited, deployed, edited, service


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (edited(ALERTS.replace("5m", "1h")), "restoring/restored.loaded"),
        (audited((deployed(config_map({"alerts.yml": ALERTS})), None)), "restoring/recreated.loaded"),
        (audited((deployed(service(app="a")), None)), "restoring/recreated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_what_prometheus_reads_it_is_said_that_it_has_loaded_it(before: DriftAudit, said: str) -> None:
    (found,) = before.objects
    (action,) = actions([Deed("restored", found.desired.id)], before)
    assert action.detail.id == said
