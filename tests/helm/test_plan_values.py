"""The lines that a review proposes are values of the chart, and give Prometheus the limits and the volume they say."""

import pytest
import yaml

from maintainer.analyse.storage.options import chart_values
from maintainer.model.byte_size import GIB
from maintainer.model.storage import Retention
from tests.helm.charts import named, objects, rendered

DAY = 86400.0
TIME, SIZE = "--storage.tsdb.retention.time=", "--storage.tsdb.retention.size="


@pytest.mark.parametrize(
    ("limits", "arguments"),
    [
        (Retention(90 * DAY, 45 * GIB), [f"{TIME}90d", f"{SIZE}45GB"]),
        (Retention(60 * DAY), [f"{TIME}60d"]),
        (Retention(None, 700 * 2**20), [f"{TIME}0s", f"{SIZE}700MB"]),
    ],
)
def test_the_chart_takes_the_lines(limits: Retention, arguments: list[str]) -> None:
    stateful_set = named(
        objects(rendered(values=yaml.safe_load(chart_values(limits, 63 * GIB)))), "StatefulSet", "prometheus"
    )
    (claim,) = stateful_set["spec"]["volumeClaimTemplates"]
    words = stateful_set["spec"]["template"]["spec"]["containers"][0]["args"]

    assert [word for word in words if word.startswith((TIME, SIZE))] == arguments
    assert claim["spec"]["resources"]["requests"]["storage"] == "63Gi"
