"""Files of other people that lint once misjudged: what it says of each in text and JSON, and what --fix leaves."""

import json
import shutil
from pathlib import Path

import pytest

from tests.lint.test_command import lint

pytestmark = pytest.mark.extended

CASES = Path(__file__).parent / "judged"
FAILED = 'phase=~"Timeout|Error|Abort|InvalidSpec"'
EXPECTED: dict[str, list[tuple[str, str, str, str]]] = {
    # The name, the severity and the check, a part of what is said, and the corrected query.
    "corrections.yml": [
        ("AgeOfAPhase", "error query/unknown-metric", "rollout_info holds no time", ""),
        ("MedianPause", "error query/unknown-metric", "no metric rollout_phase_duration_seconds_bucket", ""),
        ("ManyErrors", "error query/unknown-metric", "no metric argo_rollout_phase_total", ""),
        ("Broken", "error query/unknown-metric", "Did you mean rollout_info?", f"rollout_info{{{FAILED}}} == 1"),
        ("OldBroken", "error query/dead-selector", 'never has phase="Degraded"', f"rollout_info{{{FAILED}}} == 1"),
        ("OldBroken", "warning query/deprecated", "Use rollout_info.", f"rollout_info{{{FAILED}}} == 1"),
    ],
    "proofs.yml": [
        ("LabelsNeverAgree", "error query/dead-selector", "Only the series of rollout_info have the labels phase", ""),
        (
            "OneAlternativeNeverOccurs",
            "warning query/dead-selector",
            "Did you mean Abort?",
            'rollout_info{phase=~"Abort|Error|Timeout"} == 1',
        ),
        ("GrowthOfAConstant", "error query/dead-selector", "the value of rollout_info never changes", ""),
        ("NeverWrittenReason", "info query/dead-selector", "Did you mean RolloutAborted?", ""),
        (
            "NameOfARun",
            "error query/unknown-label",
            "such as web-6d4cf56db6-2",
            'analysis_run_info{name=~"web-.+", phase="Failed"} == 1',
        ),
        (
            "OneLetterOff",
            "error query/unknown-metric",
            "Did you mean analysis_run_info?",
            'analysis_run_info{phase="Failed"} == 1',
        ),
    ],
    "native-histogram.yml": [("A", "info query/unknown-metric", "convert_classic_histograms_to_nhcb", "")],
    "empty-value.yml": [],
    "name-pattern.yml": [
        (
            "A",
            "error query/dead-selector",
            'never has phase="Degraded"',
            f'{{__name__=~"rollout_.*", {FAILED}}} == 1',
        )
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_text_and_json_say_what_fix_writes_and_nothing_more(tmp_path: Path, name: str) -> None:
    shutil.copy(CASES / name, tmp_path / name)
    expected = EXPECTED[name]
    fails = any(severity.startswith("error") for _, severity, _, _ in expected)

    text = lint(name, cwd=tmp_path)
    assert text.code == fails
    lines = [line for line in text.out.splitlines() if line.startswith(f"{name}:")]
    assert [line.split(": ")[1:3] for line in lines] == [[severity, alert] for alert, severity, _, _ in expected]
    assert all(said in line for line, (_, _, said, _) in zip(lines, expected, strict=True))
    shown = [line.removeprefix("    + ") for line in text.out.splitlines() if line.startswith("    + ")]
    assert shown == [right for *_, right in expected if right]

    remarks = json.loads(lint("--format", "json", name, cwd=tmp_path).out)["remarks"]
    assert [remark["corrected"] for remark in remarks] == [right for *_, right in expected]

    queries = {remark["name"]: remark["query"] for remark in remarks}
    corrected = {alert: right for alert, _, _, right in expected if right}
    left = {alert for alert, severity, _, _ in expected if not severity.startswith("info")} - corrected.keys()
    fixed = lint("--fix", name, cwd=tmp_path)
    assert fixed.code == any(severity.startswith("error") for alert, severity, _, _ in expected if alert in left)
    written = (CASES / name).read_text()
    for alert, right in corrected.items():
        written = written.replace(queries[alert], right)
    assert (tmp_path / name).read_text() == written
    if corrected:
        assert f"\n{len(corrected)} corrected, {len(left)} left in " in fixed.out
    again = json.loads(lint("--format", "json", name, cwd=tmp_path).out)["remarks"]
    assert {remark["name"] for remark in again if remark["severity"] != "info"} == left


@pytest.mark.parametrize("format_", ["github", "sarif"])
def test_the_other_formats_show_the_same_corrections(tmp_path: Path, format_: str) -> None:
    shutil.copy(CASES / "corrections.yml", tmp_path)
    said = lint("--format", format_, "corrections.yml", cwd=tmp_path).out
    if format_ == "github":
        assert [line.partition("%0A")[2].partition("%0A")[2] for line in said.splitlines()[:6]] == [
            right for *_, right in EXPECTED["corrections.yml"]
        ]
        return
    results = json.loads(said)["runs"][0]["results"]
    inserted = [
        [each["insertedContent"]["text"] for each in fix["artifactChanges"][0]["replacements"]]
        for result in results
        for fix in result.get("fixes", ())
    ]
    assert inserted == [["rollout_info", FAILED]] * 3
