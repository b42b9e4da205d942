"""The planted fault that hides all others: the pods answer, and none of them leads."""

from maintainer.sandbox.fleet import read_fleet
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import audit, named, told


def test_a_silent_pipeline_is_one_finding_and_never_a_pass() -> None:
    """The target is up, and that is not enough; what could not be compared is a gap."""
    with World.start(Plan(faults=True, fleet=read_fleet().with_faults("silent"), scrape_interval=0.2)) as world:
        report = audit(world, hurry=60)

        assert named(report) == world.expected, told(report)
    assert not report.complete
    gaps = {gap.check for gap in report.gaps}
    assert {"accuracy/phase", "coverage/missing", "panel/value", "query/no-data"} <= gaps
    assert {gap.reason.id for gap in report.gaps} == {"gap/no-emitter"}
