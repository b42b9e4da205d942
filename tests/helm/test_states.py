"""The guide's four alerts in every state of a Rollout."""

from pathlib import Path

from tests.helm.charts import HELM, rendered
from tests.helm.states import STATES, judged, table

PHASES = {"Completed", "Progressing", "Paused", "Timeout", "Error", "Abort", "InvalidSpec"}


def test_the_four_alerts_fire_in_the_states_that_they_mean_and_in_no_other(tmp_path: Path) -> None:
    assert "SUCCESS" in judged(tmp_path)


def test_every_phase_of_the_controller_is_in_the_table() -> None:
    assert {name.split()[1] for state in STATES for name in state.series if " " in name} == PHASES


def test_the_charts_readme_has_this_table() -> None:
    assert table() in (HELM / "monitoring" / "README.md").read_text()
    assert "README.md" not in "".join(rendered())
