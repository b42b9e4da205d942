"""A dashboard's file after the changes of the live one: it says what the live one says, and the rest is as it was."""

import copy
import json
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.adopt.json_text import rewritten, same
from maintainer.analyse.adopt.merge import Merge, without_volatile
from maintainer.analyse.drift.values import value_differences
from maintainer.model.trees import Broken

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "helm/management-base/monitoring/dashboards/argo-rollouts-dashboard.json").read_text("utf-8")
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, width=16) | st.text(max_size=5)
NAMES = st.sampled_from(("a", "b", "c", "id", "title"))
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
STYLES = st.sampled_from(
    ({"indent": 2}, {"indent": "\t"}, {}, {"separators": (",", ":")}, {"indent": 4, "ensure_ascii": False})
)


def dashboard() -> Any:
    return json.loads(TEXT)


def adopted(live: Any, text: str = TEXT, deployed: Any = None) -> str:
    """The file with what differs between the deployed dashboard, by default that of the file, and the live one."""
    base = without_volatile(json.loads(text) if deployed is None else deployed)
    merge = Merge()
    found = rewritten(text, merge.merged(base, without_volatile(live), json.loads(text)))
    assert merge.conflicts == []
    return found


def changed_lines(before: str, after: str) -> list[str]:
    return list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]


@given(DOCUMENTS, DOCUMENTS, STYLES)
@settings(max_examples=100, deadline=None)
def test_any_text_becomes_any_document(old: Any, new: Any, style: dict[str, Any]) -> None:
    found = rewritten(json.dumps(old, **style), new)
    assert same(json.loads(found), new)


def test_a_changed_query_is_one_changed_line() -> None:
    live = dashboard()
    live["panels"][0]["targets"][0]["expr"] = "sum(rollout_info)"
    assert [line[:1] for line in changed_lines(TEXT, adopted(live))] == ["@", "-", "+"]
    assert json.loads(adopted(live)) == live


def test_what_grafana_numbers_is_not_taken_over() -> None:
    live = dashboard()
    live |= {"id": 7, "version": 31, "iteration": 1700000000000}
    live["panels"][0]["pluginVersion"] = "12.3.1"
    assert adopted(live) == TEXT
    live["title"] = "Rollouts"
    assert json.loads(adopted(live)) == {**dashboard(), "title": "Rollouts"}


def test_a_new_panel_stands_where_it_stands_in_the_live_dashboard() -> None:
    live = dashboard()
    live["panels"].insert(2, {"id": 99, "type": "text", "title": "New", "gridPos": {"h": 1, "w": 2, "x": 0, "y": 0}})
    found = adopted(live)
    assert json.loads(found) == live
    assert {line[:1] for line in changed_lines(TEXT, found)} == {"@", "+"}


def test_a_removed_panel_is_removed_and_nothing_else() -> None:
    for index in (0, 3, -1):
        live = dashboard()
        del live["panels"][index]
        found = adopted(live)
        assert json.loads(found) == live
        assert sum(line.startswith("+") for line in changed_lines(TEXT, found)) <= 1  # the last one's comma


def test_a_changed_file_keeps_its_own_changes() -> None:
    own, live = dashboard(), dashboard()
    own["title"], live["refresh"] = "Renamed in the chart", "1m"
    text = json.dumps(own, indent=2)
    assert json.loads(adopted(live, text, dashboard())) == {**own, "refresh": "1m"}


def test_a_place_that_both_have_changed_is_said_and_left() -> None:
    own, live = dashboard(), dashboard()
    own["panels"][1]["title"], live["panels"][1]["title"] = "In the chart", "In Grafana"
    merge = Merge()
    assert merge.merged(dashboard(), live, own) == own
    assert merge.conflicts == [("panels", f"id={own['panels'][1]['id']}", "title")]


def test_a_panel_that_both_have_added_is_said_and_not_added_twice() -> None:
    own, live = dashboard(), dashboard()
    own["panels"].append({"id": 99, "type": "text", "title": "In the chart"})
    live["panels"].append({"id": 99, "type": "text", "title": "In Grafana"})
    merge = Merge()
    assert merge.merged(dashboard(), live, own) == own
    assert merge.conflicts == [("panels", "id=99")]
    assert Merge().merged(dashboard(), own, own) == own


@st.composite
def edits(draw: st.DrawFn) -> Any:
    """The guide's dashboard after some edits at any place."""
    live = copy.deepcopy(dashboard())
    for _ in range(draw(st.integers(1, 4))):
        place = live
        for _ in range(draw(st.integers(0, 5))):
            steps = list(place) if isinstance(place, dict) else range(len(place))
            inner = [place[step] for step in steps if isinstance(place[step], (dict, list)) and place[step]]
            place = draw(st.sampled_from(inner)) if inner else place
        if isinstance(place, dict):
            name = draw(st.sampled_from(sorted(place)) | NAMES)
            if draw(st.booleans()):
                place[name] = draw(LEAVES)
            else:
                place.pop(name, None)
        elif draw(st.booleans()):
            place.pop()
        else:
            place.append(copy.deepcopy(draw(st.sampled_from(place))))
    return live


@given(edits())
@settings(max_examples=25, deadline=None)
def test_after_any_edits_the_file_says_what_the_live_dashboard_says(live: Any) -> None:
    found = adopted(live)
    assert value_differences("a.json", found, json.dumps(live)) == ()
    if not value_differences("a.json", TEXT, json.dumps(live)):
        assert found == TEXT


@pytest.mark.parametrize("text", ["", "{", '{"a": 1} {"b": 2}', "[1,]", "nonsense"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(Broken):
        rewritten(text, {})
