"""The tables of docs/operations.md are those of the manifests."""

import re
from collections.abc import Iterator

from maintainer.settings import Settings
from tests.e2e.rights import given
from tests.helm.charts import ROOT
from tests.helm.test_maintainer import kustomized

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def rows(title: str) -> Iterator[list[list[str]]]:
    """The tables of a section: the cells of each row."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
        yield [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_every_right_of_the_account_is_explained_and_no_other() -> None:
    audit, operator, restoring = ({
        ("" if namespace == "all" else namespace, resource, name, verb)
        for namespace, resources, names, verbs, _ in table
        for resource in resources.split(", ")
        for name in names.removesuffix(" …").split(", ")
        for verb in verbs.split(", ")
    } for table in rows("What each permission is for"))  # fmt: skip

    of_audit, of_operator, of_restoring = (
        {(right.namespace, right.resource, right.name, right.verb) for right in given(kustomized(overlay))}
        for overlay in ("audit", "prometheus-operator", "reconcile")
    )
    assert audit == of_audit
    assert operator == of_operator - of_audit
    assert restoring - of_audit == of_restoring - of_audit


def test_every_exit_code_is_said_to_do_to_the_job_what_it_does() -> None:
    (job,) = [manifest["spec"]["jobTemplate"]["spec"] for manifest in kustomized("audit")
              if manifest["kind"] == "CronJob"]  # fmt: skip
    [at_once] = [rule["onExitCodes"]["values"] for rule in job["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    (table,) = rows("What an exit code means to the CronJob")
    told = {int(code): becomes for code, _, becomes, _ in table}
    assert told == {
        code: "succeeds" if code == 0 else "fails" if code in at_once else "is tried once more" for code in told
    }
    page = (ROOT / "docs" / "commands.md").read_text("utf-8").split("## Exit codes\n")[1].split("\n## ")[0]
    assert told.keys() == {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} | {137}


def test_how_long_the_store_keeps_what_is_the_default() -> None:
    keep = Settings().store.keep
    assert f"{keep.ledger} months, `store.keep.ledger`" in PAGE
    assert f"{keep.archive} months, `store.keep.archive`" in PAGE
