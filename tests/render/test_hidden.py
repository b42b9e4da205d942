"""A document is rendered without secrets, and without other changes."""

from maintainer.render.hidden import without_secrets


def test_a_secret_is_hidden_in_every_text_that_comes_from_outside() -> None:
    document = {
        "cluster": "hush",
        "findings": [
            {"subjects": [{"kind": "Rollout", "name": "hush"}], "evidence": {"rows": [{"url": "hush", "n": 1}]}}
        ],
        "gaps": [{"reason": "it said hush"}],
        "sections": [{"rows": [["hush", 2, {"text": "hush", "tone": "ok"}]]}],
    }

    assert without_secrets(document, lambda text: text.replace("hush", "-")) == {
        "cluster": "-",
        "findings": [{"subjects": [{"kind": "Rollout", "name": "-"}], "evidence": {"rows": [{"url": "-", "n": 1}]}}],
        "gaps": [{"reason": "it said -"}],
        "sections": [{"rows": [["-", 2, {"text": "-", "tone": "ok"}]]}],
    }


def test_the_words_of_this_program_stay_where_a_password_is_one_of_them() -> None:
    document = {
        "schema": "maintainer.report/v1",
        "language": "en",
        "verdict": "findings",
        "generatedAt": "2026-11-01T09:00:00+09:00",
        "period": {"label": "2026-10"},
        "findings": [{"check": "panel/value", "severity": "error", "state": "new", "doc": "docs/checks"}],
        "gaps": [{"kind": "passing"}],
    }

    assert without_secrets(document, lambda _text: "-") == document
