"""What a farm does, in Prometheus's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from iosemu.farm.channels import Counters
from iosemu.farm.hosted import State

_LAB_COUNTERS = {
    "cpu_seconds": ("iosemu_lab_cpu_seconds", "Seconds of computing."),
    "held_back": ("iosemu_lab_held_back", "How often the lab had to stand back for others."),
    "faults": ("iosemu_lab_faults", "Internal errors that the lab survived, by place."),
    "overloads": ("iosemu_lab_overloads", "How often a lab had more traffic than could be computed."),
    "starts": ("iosemu_lab_starts", "How often the lab was started in this worker."),
}
_LAB_GAUGES = {
    "memory": ("iosemu_lab_memory_bytes", "Memory of the lab's objects."),
    "ran": ("iosemu_lab_ran_seconds", "Seconds that the lab ran in all."),
    "points": ("iosemu_lab_points", "Points of the checks that hold."),
    "total": ("iosemu_lab_points_total_possible", "Points that there are."),
}


class _Farm(Collector):
    """Gives the metrics of one look at the farm."""

    def __init__(self, status: Mapping[str, Any], counters: Counters) -> None:
        self._status = status
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from self._workers()
        yield from self._labs()
        yield from self._gateway()

    def _workers(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("iosemu_worker_up", "Whether the worker answers.", labels=["worker"])
        restarts = CounterMetricFamily("iosemu_worker_restarts", "Workers that died here.", labels=["worker"])
        labs = GaugeMetricFamily("iosemu_worker_labs", "Labs that the worker carries.", labels=["worker"])
        for each in self._status["workers"]:
            name = [str(each["number"])]
            up.add_metric(name, float(each["up"]))
            restarts.add_metric(name, each["restarts"])
            labs.add_metric(name, each["labs"])
        yield from (up, restarts, labs)

    def _labs(self) -> Iterator[Metric]:
        labs = self._status["labs"]
        states = GaugeMetricFamily("iosemu_labs", "Labs by what they do.", labels=["state"])
        for state in State:
            states.add_metric([state.value], sum(each["state"] == state.value for each in labs))
        yield states
        sessions = GaugeMetricFamily("iosemu_lab_sessions", "Terminals and connections.", labels=["lab"])
        for each in labs:
            sessions.add_metric([each["name"]], len(each.get("terminals", ())) + each.get("visitors", 0))
        yield sessions
        for family, kinds in ((CounterMetricFamily, _LAB_COUNTERS), (GaugeMetricFamily, _LAB_GAUGES)):
            for key, (name, about) in kinds.items():
                metric = family(name, about, labels=["lab"])
                for each in labs:
                    if key in each:
                        metric.add_metric([each["name"]], each[key])
                yield metric

    def _gateway(self) -> Iterator[Metric]:
        counters = self._counters
        yield GaugeMetricFamily("iosemu_gateway_connections", "SSH connections.", counters.connections)
        yield GaugeMetricFamily(
            "iosemu_gateway_terminals", "Terminals through the gateway.", counters.terminals
        )
        logins = CounterMetricFamily("iosemu_gateway_logins", "Logins.", labels=["result"])
        logins.add_metric(["accepted"], counters.accepted)
        logins.add_metric(["refused"], counters.refused)
        yield logins
        octets = CounterMetricFamily("iosemu_gateway_bytes", "Octets of terminals.", labels=["direction"])
        octets.add_metric(["in"], counters.inward)
        octets.add_metric(["out"], counters.outward)
        yield octets


def exposition(status: Mapping[str, Any], counters: Counters) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Farm(status, counters))
    return generate_latest(registry)
