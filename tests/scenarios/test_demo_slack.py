from pathlib import Path

import pytest

from tests.scenarios.demos import read_until, started

pytestmark = pytest.mark.extended


def test_the_demo_shows_the_message_that_slack_got(tmp_path: Path) -> None:
    with started("monthly", "--slack", "--healthy", output=tmp_path) as demo:
        printed = "".join(read_until(demo, "As it looks in Slack: "))

    page = tmp_path / "slack.html"
    printed, _, url = printed.partition("\nAs it looks in Slack: ")
    assert url.strip() == page.as_uri()
    assert "Everything agrees." in page.read_text("utf-8")
    before, _, message = printed.partition("The message as Slack got it:\n\n")
    assert "posted to Slack, #deployments: monthly" in before
    assert message.startswith("#deployments\n✅ Argo Rollouts monitoring, ")
    assert "sandbox: Everything agrees." in message
    assert [line.split()[1].rpartition(".")[2] for line in message.splitlines()[2:]] == ["html", "md"]
