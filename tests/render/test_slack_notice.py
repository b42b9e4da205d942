import json
from dataclasses import replace
from datetime import date

import pytest

from maintainer.model.ledger import Notice, SeenFinding
from maintainer.model.slack_post import SlackPost
from maintainer.render.slack_notice import notice_end_post, notice_post
from maintainer.render.words import load
from maintainer.sandbox.block_kit import mrkdwn_problems, pings, problems, texts
from tests.render.sample_report import HOSTILE
from tests.render.test_slack import LONG

pytestmark = pytest.mark.extended

SEEN = SeenFinding("controller/stale-cache", "f", date(2026, 11, 27))
NOTICE = Notice(SEEN, ("Rollout/shop/cart",), "error", "The controller ignores a Rollout.", "Touch it.")
OVER = replace(NOTICE, over=date(2026, 11, 29))


def seen(post: SlackPost) -> str:
    return " ".join(texts(list(post.blocks)))


def test_a_notice_says_what_is_so_what_to_do_and_where_that_is_from() -> None:
    post = notice_post(NOTICE, "production", load("en"))

    assert post.text == "Argo Rollouts monitoring, production: The controller ignores a Rollout."
    for said in ("The controller ignores a Rollout.", "→ Touch it.", "production", "on 2026-11-27"):
        assert said in seen(post)
    assert "maintainer explain controller/stale-cache" in seen(post)


def test_the_end_of_a_notice_says_since_when_and_of_what() -> None:
    post = notice_end_post(OVER, "production", load("en"))

    assert post.text == (
        "Over: the daily sample of 2026-11-29 does not find this any more. The controller ignores a Rollout."
    )
    assert "white_check_mark" in json.dumps(post.blocks)


def test_what_was_accepted_is_not_said_to_be_over() -> None:
    post = notice_end_post(replace(OVER, accepted="until the upgrade"), "production", load("en"))

    assert "The settings accept this since 2026-11-29: until the upgrade" in seen(post)
    assert "Over" not in seen(post)
    assert "white_check_mark" not in json.dumps(post.blocks)


def test_a_notice_that_may_be_a_repeat_says_so() -> None:
    for make in (notice_post, notice_end_post):
        assert "may stand here twice" in seen(make(OVER, "production", load("en"), maybe_repeat=True))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("words", [*HOSTILE, *(words[:2000] for words in LONG), ""])
def test_slack_takes_hostile_texts(language: str, words: str) -> None:
    notice = replace(OVER, summary=words, action=words, accepted=words)
    for make in (notice_post, notice_end_post):
        post = make(notice, words, load(language), maybe_repeat=True)
        blocks = json.loads(json.dumps(post.blocks))
        assert [*problems(blocks), *pings(post.text, blocks), *mrkdwn_problems(post.text)] == []
        assert len(post.text) <= 4000
