"""A little network for the tests: PC-A - R-A - R-B - SV-B, stepped by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from iosemu.box.device import Device
from iosemu.box.model import load_image, load_model
from iosemu.ip.config import IpSettings
from iosemu.kinds.factory import create_device
from iosemu.net.link import Link
from iosemu.net.scheduler import Scheduler
from iosemu.subjects.pc.service import NetworkCards
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

ROOT = Path(__file__).parents[3] / "devices"
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def device(name: str, model: str, scheduler: Scheduler, image: str = "15.1"):
    return create_device(
        name,
        load_model(ROOT / "models" / f"{model}.yaml"),
        load_image(ROOT / "images" / f"{image}.yaml"),
        scheduler,
        random.Random(name),
        ORIGIN,
    )


def configure(router: Device, name: str, address: str) -> None:
    config = router.config.interfaces[name]
    config.of(IpSettings).address = IPv4Interface(address)
    config.shutdown = False
    router.interface_configured(name)


def route(router: Device, network: str, next_hop: str) -> None:
    router.config.of(RoutesConfig).add(StaticRoute(IPv4Network(network), IPv4Address(next_hop)))
    router.configured("routing")


class Network:
    def __init__(self, image: str = "15.1", settle: float = 3.0) -> None:
        self.scheduler = Scheduler()
        self.a: Device = device("R-A", "c2811", self.scheduler, image)
        self.b: Device = device("R-B", "c2811", self.scheduler, image)
        self.pc: Device = device("PC-A", "pc", self.scheduler, "packet-tracer")
        self.server: Device = device("SV-B", "pc", self.scheduler, "packet-tracer")
        self.links = {
            "lan-a": Link(self.scheduler, self.pc.ports["FastEthernet0"], self.a.ports["FastEthernet0/1"]),
            "wan": Link(self.scheduler, self.a.ports["FastEthernet0/0"], self.b.ports["FastEthernet0/0"]),
            "lan-b": Link(
                self.scheduler, self.b.ports["FastEthernet0/1"], self.server.ports["FastEthernet0"]
            ),
        }
        for each in (self.a, self.b, self.pc, self.server):
            each.boot()
        configure(self.a, "FastEthernet0/0", "10.0.10.10/24")
        configure(self.a, "FastEthernet0/1", "192.168.1.254/24")
        configure(self.b, "FastEthernet0/0", "10.0.10.20/24")
        configure(self.b, "FastEthernet0/1", "192.168.2.254/24")
        route(self.a, "192.168.2.0/24", "10.0.10.20")
        route(self.b, "192.168.1.0/24", "10.0.10.10")
        self.pc.service(NetworkCards).set_address(
            IPv4Interface("192.168.1.1/24"), IPv4Address("192.168.1.254")
        )
        self.server.service(NetworkCards).set_address(
            IPv4Interface("192.168.2.1/24"), IPv4Address("192.168.2.254")
        )
        self.run(settle)

    def run(self, seconds: float) -> None:
        self.scheduler.run_until(self.scheduler.now + seconds)
