"""`python -m benchmarks.page`: how fluid the page is with 100 devices and 10,000 packets in its list, in Chromium.

Frame times are those between two calls of requestAnimationFrame: 16.7 ms where nothing is late.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from ipaddress import IPv4Address
from pathlib import Path

from playwright.async_api import Page, async_playwright
from rich.console import Console
from rich.table import Table

from iosemu.ip.stack import IpStack
from iosemu.lab import labfile
from iosemu.lab.lab import Lab
from iosemu.lab.page import page_of
from iosemu.lab.ssh_service import serve
from iosemu.packets.icmp import echo
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.server.hostkeys import temporary_keys
from iosemu.web.listener import serve_page

DEVICES = 100
"""Routers in a ring: what one sends to the next begins and ends its way on one cable, and is a row of the list."""
PACKETS = 10_000
SECONDS = 4.0
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu")
WATCH = """seconds => new Promise((done) => {
  const times = []; let last = performance.now(); const end = last + seconds * 1000;
  const step = (now) => { times.push(now - last); last = now;
    now < end ? requestAnimationFrame(step) : done(times.slice(1)); };
  requestAnimationFrame(step);
})"""
SCROLL = """() => { const list = document.querySelector('.list'); let way = 1;
  window.scrolling = setInterval(() => { list.scrollTop += 660 * way;
    if (list.scrollTop <= 0 || list.scrollTop + list.clientHeight >= list.scrollHeight - 1) way = -way; }, 16); }"""


def lab_file() -> str:
    """A ring of routers."""
    lines = ["name: hundred", "nodes:"]
    for n in range(DEVICES):
        lines += [
            f"  R{n}:", "    model: c2811", "    startup: |", f"      hostname R{n}",
            "      interface FastEthernet0/0", f"       ip address 10.0.{n}.1 255.255.255.0",
            "      interface FastEthernet0/1", f"       ip address 10.0.{(n + 1) % DEVICES}.2 255.255.255.0",
        ]  # fmt: skip
    lines.append("links:")
    lines += [f'  - endpoints: ["R{n}:Fa0/1", "R{(n + 1) % DEVICES}:Fa0/0"]' for n in range(DEVICES)]
    return "\n".join(lines) + "\n"


def ping_all(lab: Lab, number: int) -> None:
    """Every router sends one echo request to the next one."""
    for n in range(DEVICES):
        stack, there = lab.devices[f"R{n}"].service(IpStack), (n + 1) % DEVICES
        here, far = IPv4Address(f"10.0.{there}.2"), IPv4Address(f"10.0.{there}.1")
        message = echo(n + 1, number & 0xFFFF, bytes(72)).to_bytes()
        stack.send(IPv4Packet(here, far, Protocol.ICMP, message, 255))


async def watched(page: Page) -> list[float]:
    """The frame times of some seconds."""
    times: list[float] = await page.evaluate(WATCH, SECONDS)
    return times


async def measure() -> dict[str, list[float]]:
    """Frame times by what goes on meanwhile."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no Chromium here")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.yaml"
        path.write_text(lab_file())
        lab = Lab(labfile.read(path), seed=1, time="real")
    lab.boot()
    lab.advance(60)
    found = {}
    async with (
        serve(lab, base_port=0, keys=temporary_keys()) as serving,
        page_of(lab, serving.ports) as model,
        serve_page(model, host="127.0.0.1", port=0) as served,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1366, "height": 768})
        await page.goto(served.link())
        await page.wait_for_function("document.body.dataset.ready === '1'")
        found["100 devices, idle"] = await watched(page)
        busy = asyncio.create_task(_busy(lab, 0.5))
        found["100 devices, 200 pings a second"] = await watched(page)
        await page.get_by_role("tab", name="Packets").click()
        number = 0
        while await page.evaluate("iosemu.packets.length") < PACKETS * 0.99:  # a few are of other protocols
            number += 1
            ping_all(lab, number)
            lab.clock.poke()
            await asyncio.sleep(0.05)
        found[f"{PACKETS:,} packets, more coming"] = await watched(page)
        busy.cancel()
        await page.evaluate("iosemu.packets.follow.click()")
        await page.evaluate(SCROLL)
        found[f"{PACKETS:,} packets, scrolled"] = await watched(page)
        await browser.close()
    return found


async def _busy(lab: Lab, interval: float) -> None:
    number = 0
    while True:
        number += 1
        ping_all(lab, number)
        lab.clock.poke()
        await asyncio.sleep(interval)


def main() -> None:
    """Print the table."""
    begun = time.monotonic()
    table = Table("what", "frames/s", "median ms", "95 % ms", "worst ms", "later than 50 ms")
    for what, times in asyncio.run(measure()).items():
        ordered = sorted(times)
        table.add_row(
            what, f"{1000 / statistics.mean(times):.0f}", f"{statistics.median(times):.1f}",
            f"{ordered[int(len(ordered) * 0.95)]:.1f}", f"{ordered[-1]:.1f}",
            f"{100 * sum(each > 50 for each in times) / len(times):.1f} %",
        )  # fmt: skip
    Console().print(table)
    Console().print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
