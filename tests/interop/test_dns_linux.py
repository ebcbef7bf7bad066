"""DNS against real programs: dig asks a router, a router asks dnsmasq, and passes on what it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from namespace_lab import beside, lacking, typed, until

from iosemu.ip.resolver import Resolver
from iosemu.lab.resources import grammar
from iosemu.shell.loader import load

REASON = lacking("dnsmasq", "dig", "ss", "ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


async def test_a_router_and_dnsmasq(tmp_path: Path) -> None:
    router = """ip domain name example.org
ip host www 10.9.0.80
ip dns server
ip name-server 192.168.7.2"""
    async with beside(tmp_path, "iodn", router) as (lab, namespace, _serving):
        box = lab["R1"]
        namespace.start(
            *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--no-resolv"),
            *(
                "--no-hosts",
                "--bind-interfaces",
                "--listen-address=192.168.7.2",
                f"--pid-file={tmp_path}/pid",
            ),
            *("--address=/far.example.org/10.9.0.7", "--local=/example.org/", "--local-ttl=300"),
            *("--ptr-record=7.0.9.10.in-addr.arpa,far.example.org",),
            log=tmp_path / "said",
        )
        await until(lambda: namespace.listens(53))
        resolver = box.service(Resolver)
        lookup = resolver.look_up("far")
        await until(lambda: lookup.done)
        assert [str(each) for each in lookup.addresses] == ["10.9.0.7"]
        assert "far.example.org" in typed(lab, "show hosts")
        missing = resolver.look_up("nowhere")
        await until(lambda: missing.done)
        assert not missing.addresses
        assert not missing.silent

        async def dig(*words: str) -> str:
            return await namespace.ask("dig", "+noall", "+answer", "+comments", "@192.168.7.1", *words)

        own = await dig("www.example.org")
        assert "10.9.0.80" in own
        assert "flags: qr aa" in own
        assert "www.example.org." in await dig("-x", "10.9.0.80")
        resolver.forget()
        assert "10.9.0.7" in await dig("far.example.org"), "dnsmasq is asked"
        assert "far.example.org." in await dig("-x", "10.9.0.7")
        assert "NXDOMAIN" in await dig("nowhere.example.org")
        lab.clock.catch_up()
        load(box, grammar(), "no ip dns server\n")
        lab.clock.poke()  # what is due now does not wait for the next event
        gone = await namespace.ask("dig", "+tries=1", "+time=1", "@192.168.7.1", "www.example.org")
        assert "10.9.0.80" not in gone
