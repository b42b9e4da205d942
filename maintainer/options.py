"""The table of the settings that have an option on the command line."""

from collections.abc import Mapping

OPTIONS: Mapping[str, str] = {
    "--kubeconfig": "cluster.kubeconfig",
    "--context": "cluster.context",
    "--namespace": "cluster.namespaces",
    "--as": "cluster.as",
    "--prometheus-url": "prometheus.url",
    "--prometheus-service": "prometheus.service",
    "--check": "checks",
    "--output": "reports.directory",
    "--format": "reports.formats",
    "--lang": "reports.language",
    "--fail-on": "failOn",
    "--record": "store.record",
    "--post": "slack.post",
    "--wait-lock": "store.waitLock",
    "--listen": "serve.listen",
    "--apply": "reconcile.mode",
    "--undo": "reconcile.mode",
    "--plan": "reconcile.plan",
    "--prune": "reconcile.prune",
    "--yes-delete-data": "reconcile.yesDeleteData",
    "--disk-size": "storage.diskSize",
    "--timeout": "timeout",
    "--verbose": "log.level",
    "--quiet": "log.level",
    "--log-format": "log.format",
    "--no-color": "color",
}
"""The setting of each option, by the long name of the option."""

WITHOUT_VALUE: Mapping[str, str] = {
    "--verbose": "verbose",
    "--quiet": "quiet",
    "--no-color": "never",
    "--apply": "apply",
    "--undo": "undo",
}
"""The value that an option without a value gives to its setting."""


WITHOUT_FILE = "-"
"""The value of an option that may have a file, and has none."""


def option_for(key: str) -> str:
    """How an error names the option that set a setting; of several options it names the first."""
    return next((option for option, setting in OPTIONS.items() if setting == key), f"for {key}")
