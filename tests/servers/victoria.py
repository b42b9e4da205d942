"""A Prometheus that answers as a VictoriaMetrics does, for scenarios without one; ``make e2e`` has a real one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

import requests

from tests.scenarios.front import Answer, Asked

DELAY = 1.0
"""Seconds until all samples of a scrape have arrived; 30 there."""
REFUSED = ("status/runtimeinfo", "status/flags", "alertmanagers")


@dataclass
class Victoria:
    """The fault of a front before the Prometheus at ``url``. ``scrapes``: it has a configuration for that.

    ``early`` counts the queries for samples that have not all arrived: such a result lacks every second series.
    """

    url: str
    scrapes: bool = True
    early: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked, forward: Callable[[], Answer]) -> Answer:
        path = asked.target.partition("?")[0].removeprefix("/api/v1/")
        if path in REFUSED:
            return Answer(400, f'unsupported path requested: "/api/v1/{path}"'.encode(), {"Content-Type": "text/plain"})
        if path == "/metrics":
            return Answer(body=b'process_start_time_seconds 1\nvm_app_version{version=""} 1\n')
        if path == "query":
            return _success(self._result(asked))
        said = self._said().get(path)
        if said is not None:
            return _success(said)
        return _success(_without_pace(forward().json["data"])) if path == "targets" else forward()

    def _said(self) -> Mapping[str, Any]:
        unconfigured = {"targets": {"activeTargets": []}, "status/config": {"yaml": ""}}
        return {
            "status/buildinfo": {"version": "2.24.0"},
            "rules": {"groups": []},
            **({} if self.scrapes else unconfigured),
        }

    def _result(self, asked: Asked) -> Any:
        now = time()
        at = float(asked.params.get("time", int(now)))
        if "nocache" not in asked.params and at > now - DELAY - 1:
            at = now - DELAY
        query = {"query": asked.query, "time": f"{at:.3f}"}
        data = requests.post(f"{self.url}/api/v1/query", data=query, timeout=5).json()["data"]
        assert data["resultType"] != "matrix", "it shows the end of a series in a range as NaN"
        if data["resultType"] == "scalar":
            return {"resultType": "vector", "result": [{"metric": {}, "value": data["result"]}]}
        if "time" in asked.params and at > now - DELAY and "timestamp(" not in asked.query:
            self.early.append(asked.query)
            data["result"] = data["result"][::2]
        return data


def _success(data: Any) -> Answer:
    return Answer(body=json.dumps({"status": "success", "data": data}).encode())


def _without_pace(data: Any) -> Any:
    for target in data["activeTargets"]:
        del target["scrapeInterval"], target["scrapeTimeout"]
    return data
