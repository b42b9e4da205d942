"""An inhibition in the three forms of Alertmanager's configuration."""

import shutil
import subprocess
from pathlib import Path

import yaml

from maintainer.analyse.alerts.inhibition_advice import inhibition
from maintainer.collect.alerts.routing import routing_of
from maintainer.render.inhibition import inhibition_files

RULE = inhibition("RolloutStuck", "RolloutOther", ("name", "namespace"))
WHOLE = "route: {receiver: a}\nreceivers: [{name: a}]\n"


def test_alertmanager_reads_it_and_it_means_what_was_tried(tmp_path: Path) -> None:
    files = inhibition_files("q", RULE)
    config = tmp_path / "alertmanager.yml"
    config.write_text(WHOLE + files["q.alertmanager.inhibit.yaml"])

    amtool = f"{shutil.which('amtool')}"
    done = subprocess.run([amtool, "check-config", str(config)], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert routing_of(config.read_text()).inhibitions == (RULE,)


def test_the_other_forms_say_the_same() -> None:
    files = {name: yaml.safe_load(text) for name, text in inhibition_files("q", RULE).items()}

    values = files["q.values.inhibit.yaml"]["alertmanager"]["config"]
    assert values == files["q.alertmanager.inhibit.yaml"]
    assert files["q.alertmanagerconfig.inhibit.yaml"]["spec"]["inhibitRules"] == [
        {
            "sourceMatch": [{"name": "alertname", "matchType": "=", "value": "RolloutStuck"}],
            "targetMatch": [{"name": "alertname", "matchType": "=", "value": "RolloutOther"}],
            "equal": ["name", "namespace"],
        }
    ]
