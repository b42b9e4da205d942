"""Sentences that name a program: a command to paste, one with placeholders in capitals, or prose."""

import re
from collections.abc import Mapping

import pytest

from maintainer.render.words import load

ENGLISH = load("en").entries
PROGRAM = re.compile(r"(?<![\w/.-])(?:kubectl|curl|promtool|amtool|helm|maintainer) [a-z-]")
PLACEHOLDER = re.compile(r"\b(?:CHECK|FILE)\b")

COMMANDS: Mapping[str, str] = {
    "alert/history/lost.action": "maintainer run due",
    "doctor/all-well": "maintainer run monthly",
    "doctor/calendar.ok": "maintainer schedule",
    "gap/alerts-not-covered": "maintainer run due",
    "gap/cluster-no-namespace": "kubectl create namespace {namespace}",
    "gap/helm-no-release": "helm list -A",
    "gap/odd-object": "kubectl -n {namespace} get {resource} {name} -o yaml",
    "lint/unchecked.template": "helm template . | maintainer lint -",
    "slack/notice.found": "maintainer explain {check}",
    "restoring/reloaded": "curl -X POST {server}/-/reload",
    "restoring/mutated": "kubectl get mutatingwebhookconfigurations",
    "slack/place.command": "maintainer report show {job} {period}",
    "demo/played.sample": "maintainer demo monthly --month",
}
"""By sentence, the command in it that a reader can paste; what stands in braces is filled in."""

TEMPLATES: Mapping[str, str] = {
    "alert/transient/short.action": "maintainer backtest FILE",
    "alert/unpaged/none.action": "maintainer backtest FILE",
    "alert/window-tail/range.action": "maintainer backtest FILE",
    "explain/more": "maintainer explain CHECK",
    "pipeline/reload.remedy": "promtool check config FILE",
    "query/dead-selector.remedy": "maintainer lint --fix FILE",
    "report/checks.lead": "maintainer explain CHECK",
    "restoring/plan.lead": "maintainer run reconcile --apply FILE",
}
"""By sentence, the command in it that the reader has to complete."""

PROSE: Mapping[str, str] = {
    "accuracy/meaning/replicaset-refused.summary": "what kubectl shows of the Rollout",
    "doctor/controller.newer": "the version of this program",
    "drift/extra/item.action": "what a command of this program does",
    "drift/release/conflict.action": "an option of the upgrade that is run again",
    "gap/cluster-plugin-failed": "whether kubectl fails as well",
    "gap/cluster-plugin-slow": "a login, whose command is that of the plug-in",
    "gap/fault": "a fault of this program",
    "gap/helm-failed": "what helm said, and of which chart",
    "gap/fault-unsaved": "a fault of this program",
    "gap/other-alertmanager": "the URL of a forwarded port, as an example of a URL",
    "gap/release-pending": "a helm command that may be running",
    "gap/web-connection": "the context that kubectl uses",
    "pipeline/version.remedy": "an update of this program",
    "setting/serve.listen": "what maintainer serve answers",
}
"""By sentence, what it says of a program without a command."""


def texts(id_: str) -> list[str]:
    entry = ENGLISH[id_]
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_every_sentence_that_names_a_program_is_known() -> None:
    naming = {id_ for id_ in ENGLISH if any(PROGRAM.search(text) for text in texts(id_))}

    assert naming == COMMANDS.keys() | TEMPLATES.keys() | PROSE.keys()


@pytest.mark.parametrize(("id_", "command"), {**COMMANDS, **TEMPLATES}.items())
def test_a_command_in_a_sentence_is_whole_and_its_placeholders_are_in_capitals(id_: str, command: str) -> None:
    assert all(command in text for text in texts(id_))
    assert (PLACEHOLDER.search(command) is not None) is (id_ in TEMPLATES)
