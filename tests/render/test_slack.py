import json
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.report import Action, Report, Resolved, Subject
from maintainer.model.slack_post import SlackPost
from maintainer.render.document import document
from maintainer.render.slack import slack_post
from maintainer.render.slack_blocks import escaped
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, load
from maintainer.sandbox.block_kit import mrkdwn_problems, pings, problems, texts
from tests.render.sample_report import GENERATED, HOSTILE, english, every_kind, finding, gap, report, text

LONG = ("<!channel> <@U123> & ", "가" * 40_000, "👩‍🚀" * 20_000, "&" * 40_000, "\x1b[31m" * 9_000, "\ud800", " ", "\n")


def posted(made: Report, **options: str | bool) -> SlackPost:
    return slack_post(document(made, english()), english(), **options)  # type: ignore[arg-type]  # the two options


def faults(post: SlackPost) -> list[str]:
    """Everything for which Slack would refuse the message, or ping somebody."""
    blocks = json.loads(json.dumps(post.blocks))
    too_long = [] if 1 <= len(post.text) <= 4000 else ["text"]
    return [*problems(blocks), *pings(post.text, blocks), *mrkdwn_problems(post.text), *too_long]


def seen(post: SlackPost) -> str:
    return " ".join(texts(list(post.blocks)))


def with_findings(count: int, words: str) -> Report:
    findings = tuple(
        finding(f"accuracy/c{index}", summary=f"{words}{index}", action=f"{words}{index % 40}")
        for index in range(count)
    )
    gaps = tuple(gap(f"query/g{index}", f"{words}{index}") for index in range(min(count, 50)))
    made = report(findings=findings, gaps=gaps, figures={"rollouts.listed": 430, "rollouts.compared": 427})
    return replace(made, cluster=words, compared_with=GENERATED)


@pytest.mark.parametrize("count", [0, 1, 50])
@pytest.mark.parametrize("words", [*HOSTILE, *LONG])
def test_slack_takes_hostile_texts(count: int, words: str) -> None:
    assert faults(posted(with_findings(count, words), place=words, maybe_repeat=True)) == []


JOBS = ("monthly", "sample", "quarterly", "semiannual", "reconcile", "harvest")
ACTED = Action("restored", Subject("ConfigMap", "monitoring", "prometheus-config"), text("restored"))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("count", [0, 1, 50, pytest.param(10_000, marks=pytest.mark.extended)])
def test_slack_takes_the_report_of_every_job(count: int, language: str) -> None:
    catalogue = Catalogue(language, {**load(language).entries, "say/text": "{text}"})
    hostile = " ".join(HOSTILE)[:200]
    made = replace(with_findings(count, hostile), sections=every_kind(hostile), actions=(ACTED,) * min(count, 3))
    worded = document(made, catalogue)
    for job in JOBS:
        post = slack_post({**worded, "job": job}, catalogue, place=hostile, maybe_repeat=True)
        assert faults(post) == []
        assert len(post.blocks) <= 2 if count == 0 else len(post.blocks) > 2


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("job", JOBS)
def test_a_report_of_any_job_without_findings_is_one_quiet_line(job: str, language: str) -> None:
    catalogue = load(language)
    post = slack_post(document(replace(report(), job=job), catalogue), catalogue)

    assert [block["type"] for block in post.blocks] == ["rich_text"]
    assert post.text == seen(post).strip()
    assert len(post.text) < 120


def test_a_message_says_first_who_is_misled() -> None:
    rule = Subject("alert", "", "RolloutFailed")
    made = report(findings=(replace(finding("query/dead-selector"), subjects=(rule,)),), figures={"alerts.asked": 4})

    assert seen(posted(made)).index("1 of 4 alerts is broken") < seen(posted(made)).index("→")
    assert "1 of 4 alerts is broken" in posted(made).text


def test_a_message_says_first_what_the_run_changed() -> None:
    post = posted(replace(report(), job="reconcile", actions=(ACTED, ACTED, replace(ACTED, kind="reloaded"))))

    assert "The cluster was changed (2 objects restored, 1 reload). Everything agrees" in post.text
    assert [block["type"] for block in post.blocks] == ["rich_text"]


@given(st.text(), st.integers(0, 12))
def test_slack_takes_any_text(words: str, count: int) -> None:
    assert faults(posted(with_findings(count, words))) == []


@given(st.text(), st.integers(1, 40))
def test_a_text_is_escaped_and_cut_between_characters(words: str, limit: int) -> None:
    cut = escaped(words, limit)

    whole, shown = on_a_line(words), unescape(cut)
    assert len(cut) <= limit
    assert mrkdwn_problems(cut) == []
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def test_a_report_without_findings_is_one_quiet_line() -> None:
    post = posted(report())

    assert seen(post) == " Argo Rollouts monitoring, October 2026, management: Everything agrees."
    assert post.text == seen(post).strip()
    assert [block["type"] for block in post.blocks] == ["rich_text"]


def test_a_message_says_what_is_so_what_changed_and_what_to_do() -> None:
    gone = Resolved("accuracy/phase", "f", date(2026, 9, 1), "gone")
    made = report(
        findings=(
            finding(),
            finding("coverage/duplicate", "warning", action="Scrape once", summary="It counts twice."),
        ),
        gaps=(gap(),),
        figures={"rollouts.listed": 430, "rollouts.compared": 427, "rollouts.agreeing": 420},
    )
    shown = seen(posted(replace(made, resolved=(gone,), compared_with=GENERATED)))

    for said in (
        "Argo Rollouts monitoring, October 2026",
        "1 of 430 Rollouts is shown wrong, and 1 check could not run",
        "management",
        "2 new, 1 resolved since 2026-11-01.",
        ": 420 of 427",
        "4 Rollouts show a phase that the API does not.",
        "→ Restart the controller",
        "It counts twice.",
        "→ Scrape once",
        "Could not be checked",
        "Prometheus answered 503.",
    ):
        assert said in shown


def test_a_message_says_how_much_larger_and_smaller_known_findings_are() -> None:
    known = replace(finding(), state="still", first_seen=date(2026, 10, 1), grown=("Rollout/shop/a", "Rollout/shop/b"))
    smaller = replace(
        known, cause="other", action=finding(action="Scale it").action, shrunk=("Rollout/shop/c",), grown=()
    )
    made = replace(report(findings=(known, smaller)), compared_with=GENERATED)
    words = seen(posted(made))

    assert "0 new, 0 resolved since 2026-11-01. In known findings: +2 \N{MINUS SIGN}1 objects." in words
    assert words.count("(+2)") == words.count("(\N{MINUS SIGN}1)") == 1
    assert faults(posted(made)) == []


def test_the_five_most_important_are_named_and_the_others_counted() -> None:
    made = report(findings=tuple(finding(f"accuracy/c{n}", summary=f"S{n}.", action=f"Do {n}") for n in range(8)))
    shown = seen(posted(made))

    assert shown.count("→ Do") == 5
    assert "3 more things to do." in shown


def test_findings_that_the_same_action_mends_are_one_item() -> None:
    shown = seen(posted(report(findings=(finding(summary="First."), finding("accuracy/x", summary="Second.")))))

    assert "First.  (and 1 more finding)" in shown
    assert shown.count("→") == 1


def test_a_message_that_may_be_a_repeat_says_so() -> None:
    assert "may stand here twice" in seen(posted(report(), maybe_repeat=True))
    assert "may stand here twice" not in seen(posted(report()))


def test_a_message_says_where_the_report_is_if_it_is_not_in_the_thread() -> None:
    place = "The report: https://reports.example/monthly.html"

    assert place in seen(posted(report(), place=place))
    assert place in seen(posted(report(findings=(finding(),)), place=place))


def test_bold_in_a_message_needs_no_space_around_it() -> None:
    """Hangul follows a word in bold at once, which Slack's mrkdwn would show with the asterisks."""
    post = posted(report(findings=(finding(summary="배포가 멈췄습니다"),)))

    assert not any("*" in text for text in texts(list(post.blocks)))
    assert "mrkdwn" not in json.dumps(post.blocks)
