"""Alertmanager's routes: which receivers an alert can reach, if only some of its labels are certain."""

import pytest

from maintainer.analyse.pipeline.routing import receivers
from maintainer.model.pipeline import Route
from tests.analyse.pipeline.builders import route

CERTAIN = {"alertname": "RolloutFailed", "severity": "critical"}


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        pytest.param([route("slack", "severity=critical")], {"slack"}, id="equal"),
        pytest.param([route("slack", "severity=warning")], {"root"}, id="another value"),
        pytest.param([route("slack", "severity=~crit.*")], {"slack"}, id="regular expression"),
        pytest.param([route("slack", "severity!=critical")], {"root"}, id="not equal"),
        pytest.param([route("slack", "namespace=shop")], {"slack", "root"}, id="uncertain label"),
        pytest.param([route("slack", "severity=~\\pL+")], {"slack"}, id="regular expression that Python does not know"),
        pytest.param([route("slack", "severity=~(?=c).*")], {"slack", "root"}, id="no regular expression"),
        pytest.param(
            [route("nobody", "namespace=shop"), route("slack")], {"nobody", "slack"}, id="uncertain, then the next"
        ),
        pytest.param([route("nobody", "severity=critical"), route("slack")], {"nobody"}, id="the first match only"),
        pytest.param(
            [route("nobody", "severity=critical", goes_on=True), route("slack")], {"nobody", "slack"}, id="continue"
        ),
        pytest.param(
            [route("slack", routes=(route("nobody", "namespace=shop"),))], {"nobody", "slack"}, id="uncertain child"
        ),
    ],
)
def test_the_receivers_that_an_alert_can_reach(routes: list[Route], expected: set[str]) -> None:
    assert receivers(route("root", routes=tuple(routes)), CERTAIN) == expected
