"""The four formats say the same; no text of a file can act on what reads them."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from maintainer.model.message import message
from maintainer.model.queries import Place, Remark
from maintainer.model.source_text import PassedOver, Unchecked
from maintainer.render.lint import Format, difference, rendered
from maintainer.render.lint_document import Lint, Region, document
from maintainer.render.words import load
from tests.lint.stand_in import ALIVE, DEAD, remark, words

WORDS = words(load("en"))
LIBRARY = Unchecked(Place("board.json", 9), "D / P", message("lint/unchecked.library-panel", name="Phases"))
LOGS = PassedOver(Place("board.json", 4), "D / Logs", "source")
HOSTILE = "A,line=1::x\r\n::error file=b::\x1b[31m%0A [click](http://evil) \ud800"


def say(format_: Format, *remarks: Remark, docs_url: str = "", **rest: Any) -> str:
    counts = {"files": rest.pop("files", 3), "queries": rest.pop("queries", 42)}
    lint = Lint(remarks, rest.pop("unchecked", ()), **counts, **rest)
    return rendered(document(lint, WORDS, version="1.2.3", docs_url=docs_url), format_, WORDS)


def parsed(format_: Format, *remarks: Remark, **rest: Any) -> Any:
    return json.loads(say(format_, *remarks, **rest))


def test_a_remark_names_file_line_severity_check_and_name_and_shows_the_correction() -> None:
    two_lines = remark(text='sum(\n  a{phase="Degraded"}\n)\n')
    assert say("text", two_lines) == (
        'rules.yml:3: error query/dead-selector: Failed: phase="Degraded" can never match\n'
        "    it never fires\n"
        '    -   a{phase="Degraded"}\n'
        '    +   a{phase=~"Error|Timeout"}\n'
        "1 error in 42 queries of 3 files.\n"
    )


def test_the_closing_line_counts() -> None:
    deprecated, doubtful = remark("rollout_phase", text="rollout_phase"), remark("$broken", text="$broken")
    output = say("text", remark(), remark(name="Other"), deprecated, doubtful, unchecked=(LIBRARY,))
    assert output.endswith("2 errors, 1 warning in 42 queries of 3 files; 2 were not checked.\n")
    assert say("text") == "Nothing to correct in 42 queries of 3 files.\n"


def test_remarks_of_one_check_have_each_their_own_severity_in_every_format() -> None:
    both = (remark(), replace(remark(name="Other"), severity="warning"))
    assert [line.split(" ")[1] for line in say("text", *both).splitlines() if "rules.yml" in line] == [
        "error",
        "warning",
    ]
    assert say("text", *both).endswith("1 error, 1 warning in 42 queries of 3 files.\n")
    assert [one["severity"] for one in parsed("json", *both)["remarks"]] == ["error", "warning"]
    assert [line.split(" ")[0] for line in say("github", *both).splitlines()[:2]] == ["::error", "::warning"]
    assert [one["level"] for one in parsed("sarif", *both)["runs"][0]["results"]] == ["error", "warning"]


def test_the_closing_line_counts_what_was_passed_over() -> None:
    described = PassedOver(Place("rules.yml", 2), "Failed", "description")
    assert say("text", passed=(LOGS, LOGS, described)) == (
        "Nothing to correct in 42 queries of 3 files; 2 queries or panels of other data sources were skipped; "
        "1 description that names a metric was skipped.\n"
    )


def test_where_there_is_no_query_nothing_is_said_to_be_right() -> None:
    assert say("text", queries=0) == "There is no query in 3 files.\n"
    assert say("text", queries=0, unchecked=(LIBRARY,)).endswith("There is no query in 3 files; 1 was not checked.\n")
    assert say("text", queries=0, files=0) == "No file was read.\n"


def test_what_was_not_checked_is_said_with_its_place_and_reason() -> None:
    assert say("text", unchecked=(LIBRARY,)).startswith(
        "board.json:9: info query/not-checked: D / P: the library panel Phases is stored in Grafana"
    )


def test_a_correction_that_could_not_be_written_says_so() -> None:
    assert "make it by hand" in say("text", remark(), left=frozenset({remark()}))


def test_after_fixing_the_closing_line_counts_queries_corrected_and_left() -> None:
    deprecated, note = remark("rollout_phase", text="rollout_phase"), replace(remark(name="N"), severity="info")
    assert say("text", corrected=2) == "2 corrected, 0 left in 42 queries of 3 files.\n"
    assert say("text", remark(), replace(remark(), about="x"), deprecated, note, corrected=0).endswith(
        "0 corrected, 2 left in 42 queries of 3 files.\n"
    )
    assert say("text", corrected=0) == "Nothing to correct in 42 queries of 3 files.\n"
    assert parsed("json", remark(), corrected=2)["fixed"] == {"corrected": 2, "left": 1}


def test_json_has_stable_keys() -> None:
    region = Region(3, 30, 3, 46, ALIVE)
    output = parsed(
        "json",
        remark(),
        unchecked=(LIBRARY,),
        passed=(LOGS,),
        regions={remark(): (region,)},
        docs_url="https://a/docs/",
    )
    assert output == {
        "schema": "maintainer.lint/v1",
        "version": "1.2.3",
        "files": 3,
        "queries": 42,
        "fixed": None,
        "counts": {"error": 1, "warning": 0, "info": 0},
        "remarks": [
            {
                "check": "query/dead-selector",
                "severity": "error",
                "file": "rules.yml",
                "line": 3,
                "asks": "alert",
                "name": "Failed",
                "query": 'rollout_info{phase="Degraded"}',
                "about": DEAD,
                "why": f"{DEAD} can never match",
                "means": "it never fires",
                "corrected": 'rollout_info{phase=~"Error|Timeout"}',
                "edits": [{"startLine": 3, "startColumn": 30, "endLine": 3, "endColumn": 46, "text": ALIVE}],
                "left": "",
                "doc": "https://a/docs/checks/query/dead-selector.md",
                "fingerprint": output["remarks"][0]["fingerprint"],
            }
        ],
        "unchecked": [
            {
                "file": "board.json",
                "line": 9,
                "name": "D / P",
                "reason": "the library panel Phases is stored in Grafana, not in this file",
            }
        ],
        "passedOver": [{"file": "board.json", "line": 4, "name": "D / Logs", "why": "source"}],
    }


def test_a_fingerprint_stays_when_the_query_moves_to_another_line() -> None:
    prints = {parsed("json", remark)["remarks"][0]["fingerprint"] for remark in (remark(), remark(name="Other"))}
    assert len(prints) == 2
    assert all(len(fingerprint) == 16 for fingerprint in prints)


def test_github_gets_one_command_for_each_remark() -> None:
    output = say("github", remark(), remark("rollout_phase", text="rollout_phase"), unchecked=(LIBRARY,)).splitlines()
    assert output[0] == (
        "::error file=rules.yml,line=3,title=query/dead-selector Failed::"
        'phase="Degraded" can never match%0Ait never fires%0Arollout_info{phase=~"Error|Timeout"}'
    )
    assert [line.split(" ")[0] for line in output[1:3]] == ["::warning", "::notice"]
    assert output[3] == "1 error, 1 warning in 42 queries of 3 files; 1 was not checked."


def test_no_name_can_end_a_command_of_github_or_begin_another() -> None:
    lines = say("github", remark(name=HOSTILE)).split("\n")
    assert len(lines) == 3
    properties = lines[0].split("::")[1].removeprefix("error ").split(",")
    assert [pair.split("=")[0] for pair in properties] == ["file", "line", "title"]
    shown = unquote(properties[2].split("=", 1)[1])
    assert shown.replace("\u241b", "\x1b").replace("\ufffd", "\ud800") == f"query/dead-selector {HOSTILE}"


def test_a_name_cannot_act_on_a_terminal_or_begin_a_line() -> None:
    output = say("text", remark(name=HOSTILE))
    assert "\x1b" not in output
    assert "\r" not in output
    assert [line[:10] for line in output.splitlines()][:1] == ["rules.yml:"]
    assert not any(line.startswith("::") for line in output.splitlines())


def test_sarif_has_what_the_standard_requires() -> None:
    region = Region(3, 30, 3, 46, ALIVE)
    output = parsed(
        "sarif", remark(), remark("$broken", text="$broken"), unchecked=(LIBRARY,), regions={remark(): (region,)},
        docs_url="https://a/docs",
    )  # fmt: skip
    assert output["version"] == "2.1.0"
    (run,) = output["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "maintainer"
    assert [(rule["id"], rule.get("helpUri")) for rule in rules] == [
        ("query/dead-selector", "https://a/docs/checks/query/dead-selector.md"),
        ("query/not-checked", "https://a/docs/checks/query/not-checked.md"),
    ]
    results = run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]
    assert [result["level"] for result in results] == ["error", "note", "note"]
    where = [result["locations"][0]["physicalLocation"] for result in results]
    assert [(result["artifactLocation"]["uri"], result["region"]["startLine"]) for result in where] == [
        ("rules.yml", 3), ("rules.yml", 3), ("board.json", 9),
    ]  # fmt: skip
    (change,) = results[0]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 30, "endLine": 3, "endColumn": 46},
            "insertedContent": {"text": ALIVE},
        }
    ]
    assert all("fixes" not in result for result in results[1:])


def test_sarif_names_files_as_uris_and_makes_no_links_of_names() -> None:
    strange = Unchecked(Place("./a b/ü#[1].yml", 1), HOSTILE, message("lint/unchecked.broken", problem="x"))
    absolute = Unchecked(Place("/c%/d.yml", 1), "x", message("lint/unchecked.broken", problem="x"))
    results = parsed("sarif", unchecked=(strange, absolute))["runs"][0]["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert sorted(uris) == ["a%20b/%C3%BC%23%5B1%5D.yml", "file:///c%25/d.yml"]
    assert any("\\[click\\](" in result["message"]["text"] for result in results)


def test_a_rule_without_a_page_on_the_web_has_no_help_uri() -> None:
    assert "helpUri" not in say("sarif", remark())


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_every_format_is_the_same_text_whatever_the_order_of_the_remarks(format_: Format) -> None:
    several = [remark(name=name) for name in "cab"]
    assert say(format_, *several) == say(format_, *reversed(several))


def test_a_difference_shows_only_what_changed_and_a_missing_end() -> None:
    assert difference("a.yml", "a\nb\u2028c\x0cd\ne", "a\nb\u2028c\x0cD\ne") == (
        "--- a.yml\n+++ a.yml\n@@ -1,3 +1,3 @@\n a\n-b\u2028c\x0cd\n+b\u2028c\x0cD\n e\n\\ No newline at end of file\n"
    )
