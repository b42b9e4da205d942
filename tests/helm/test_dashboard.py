"""The dashboard: the guide's seven panels, in a form that Grafana knows, with correct queries."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.helm.charts import HELM, monitoring, named, pods, run

FILE = HELM / "monitoring" / "dashboards" / "argo-rollouts-dashboard.json"
PANELS = [
    "Rollout Status",
    "Rollout Replicas Status",
    "Rollout Reconcile Duration",
    "Rollout Reconcile Errors",
    "Total Rollout Errors",
    "Rollout Phase",
    "Kubernetes API Request Rate",
]
FLEET = [
    ("shop", "cart", "Completed"),
    ("shop", "pay", "Completed"),
    ("shop", "tax", "Progressing"),
    ("shop", "vat", "Paused"),
    ("shop", "fee", "Abort"),
    ("shop", "tip", "InvalidSpec"),
    ("bank", "out", "Timeout"),
]


def dashboard() -> dict[str, Any]:
    """The file as it is."""
    loaded: dict[str, Any] = json.loads(FILE.read_text())
    return loaded


def queries(title: str) -> list[str]:
    """The queries of a panel, with the variables as Grafana fills them in for the namespace shop and all Rollouts."""
    (panel,) = (panel for panel in dashboard()["panels"] if panel["title"] == title)
    filled = {"$namespace": "shop", "$rollout": ".*", "$__rate_interval": "2m", "$__range": "10m"}
    return [_replaced(target["expr"], filled) for target in panel["targets"]]


def test_it_has_the_guides_title_panels_and_variables() -> None:
    board = dashboard()
    assert board["title"] == "Argo Rollouts Monitoring"
    assert [panel["title"] for panel in board["panels"]] == PANELS
    assert [variable["name"] for variable in board["templating"]["list"]] == ["namespace", "rollout"]


def test_grafanas_own_types_know_every_field_of_it() -> None:
    register_default_plugins()
    known = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(dashboard())))
    assert list(_lost(dashboard(), known)) == []


def test_a_field_that_grafana_does_not_know_would_be_noticed() -> None:
    register_default_plugins()
    board = dashboard()
    board["panels"][0]["titel"] = board["panels"][1]["fieldConfig"]["defaults"]["custom"]["drawstyle"] = "x"
    known = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board)))
    assert list(_lost(board, known)) == ["/panels/0/titel", "/panels/1/fieldConfig/defaults/custom/drawstyle"]


def test_panels_have_a_place_of_their_own_and_a_description() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not taken & cells
        assert at["x"] + at["w"] <= 24
        assert panel["description"]
        taken |= cells
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(PANELS)


def test_it_is_provisioned_as_it_is_with_its_data_source() -> None:
    assert (
        json.loads(named(monitoring(), "ConfigMap", "grafana-dashboard-argo-rollouts")["data"][FILE.name])
        == dashboard()
    )
    config = named(monitoring(), "ConfigMap", "grafana-config")["data"]
    (source,) = yaml.safe_load(config["datasources.yaml"])["datasources"]
    (provider,) = yaml.safe_load(config["dashboards.yaml"])["providers"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    used = {target["datasource"]["uid"] for panel in dashboard()["panels"] for target in panel["targets"]}
    assert used == {source["uid"]}
    mounts = {
        mount["name"]: mount["mountPath"]
        for mount in pods(monitoring())["grafana"]["spec"]["containers"][0]["volumeMounts"]
    }
    assert provider["options"]["path"] == mounts["dashboards"]


@pytest.mark.parametrize(
    ("title", "samples"),
    [
        (
            "Rollout Status",
            [
                [
                    f'{{namespace="shop", name="{name}", phase="{phase}"}} 1'
                    for space, name, phase in FLEET
                    if space == "shop"
                ]
            ],
        ),
        ("Rollout Phase", [["{} 2"], ["{} 1"], ["{} 1"], ["{} 2"]]),
        ("Rollout Replicas Status", [['{namespace="shop", name="cart"} ' + count] for count in "324"]),
        ("Rollout Reconcile Duration", [["{} 0.01"], ["{} 0.005263157894736843"], ["{} 0.25"]]),
        ("Rollout Reconcile Errors", [['{namespace="shop", name="tip"} 0.05']]),
        ("Total Rollout Errors", [["{} 30"]]),
        (
            "Kubernetes API Request Rate",
            [['{verb="Get", status_code="200"} 1', '{verb="Patch", status_code="409"} 0.5']],
        ),
    ],
)
def test_a_panel_shows_what_is_so(title: str, samples: list[list[str]], tmp_path: Path) -> None:
    expectations = [
        {"expr": expr, "eval_time": "30m", "exp_samples": [_sample(text) for text in expected]}
        for expr, expected in zip(queries(title), samples, strict=True)
    ]
    test = {"name": title, "interval": "1m", "input_series": _world(), "promql_expr_test": expectations}
    (tmp_path / "panel.yml").write_text(yaml.safe_dump({"tests": [test]}))
    assert "SUCCESS" in run("promtool", "test", "rules", "panel.yml", folder=tmp_path)


def test_a_panel_shows_0_without_any_error(tmp_path: Path) -> None:
    (expr,) = queries("Total Rollout Errors")
    expectations = [{"expr": expr, "eval_time": "30m", "exp_samples": [_sample("{} 0")]}]
    (tmp_path / "panel.yml").write_text(
        yaml.safe_dump({"tests": [{"interval": "1m", "promql_expr_test": expectations}]})
    )
    run("promtool", "test", "rules", "panel.yml", folder=tmp_path)


def _world() -> list[dict[str, str]]:
    """A fleet with the series of two targets, as the old and the new pod of a restarted controller can have."""
    found = [
        (f'rollout_info{{instance="{pod}", namespace="{space}", name="{name}", phase="{phase}"}}', "1x60")
        for pod in "ab"
        for space, name, phase in FLEET
    ]
    cart = 'instance="a", namespace="shop", name="cart"'
    found += [
        (f"rollout_info_replicas_{what}{{{cart}}}", f"{n}x60")
        for what, n in (("available", 3), ("desired", 2), ("updated", 4))
    ]
    found += [
        (f'rollout_reconcile_bucket{{{cart}, le="{le}"}}', n)
        for le, n in (("0.01", "0+95x60"), ("0.15", "0+100x60"), ("+Inf", "0+100x60"))
    ]
    found += [(f"rollout_reconcile_sum{{{cart}}}", "0+25x60"), (f"rollout_reconcile_count{{{cart}}}", "0+100x60")]
    found += [('rollout_reconcile_error{instance="a", namespace="shop", name="tip"}', "0+3x60")]
    requests = 'controller_clientset_k8s_request_total{kind="rollouts", '
    found += [
        (requests + 'verb="Get", status_code="200"}', "0+60x60"),
        (requests + 'verb="Patch", status_code="409"}', "0+30x60"),
    ]
    return [{"series": series, "values": values} for series, values in found]


def _sample(text: str) -> dict[str, object]:
    labels, _, value = text.rpartition(" ")
    return {"labels": labels, "value": float(value)}


def _replaced(text: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(name, value)
    return text


def _lost(before: object, after: object, at: str = "") -> list[str]:
    """The places in ``before`` whose value is missing in ``after`` or differs there."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            place
            for key, value in before.items()
            for place in (_lost(value, after[key], f"{at}/{key}") if key in after else [f"{at}/{key}"])
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            place
            for n, (old, new) in enumerate(zip(before, after, strict=True))
            for place in _lost(old, new, f"{at}/{n}")
        ]
    return [] if before == after else [at]
