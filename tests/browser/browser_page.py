"""Chromium with the page of a lab; what goes wrong in it is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright

from iosemu.lab.lab import Lab
from iosemu.lab.page import LabPage, page_of
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.web.listener import serve_page

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = (Path(__file__).parent.parent / "data" / "axe" / "axe.min.js").read_text()
ARTEFACTS = os.environ.get("IOSEMU_SCREENSHOTS")
"""Where screenshots are kept, if they are wanted."""


@dataclass
class Shown:
    """A page in a browser."""

    lab: Lab
    page_model: LabPage
    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    """Errors, warnings on the console, and requests that leave the machine."""

    def device(self, name: str) -> Locator:
        return self.page.locator(f".device[aria-label^='{name},']")

    def cable(self, end: str) -> Locator:
        return self.page.locator(f".cable[aria-label*='{end}']")

    async def terminal(self, name: str) -> None:
        """Open a device's terminal, or turn to it."""
        await self.device(name).dblclick()
        await self.until(f"/[>#]/.test(iosemu.terminals.text('{name}'))")

    async def type(self, name: str, text: str, wanted: str) -> None:
        """Type lines at the terminal that has the focus, until `wanted` comes."""
        await self.page.evaluate("name => { window.before = iosemu.terminals.text(name).length }", name)
        for line in text.splitlines():
            await self.page.keyboard.insert_text(line)
            await self.page.keyboard.press("Enter")
        await self.page.wait_for_function(
            "([name, wanted]) => iosemu.terminals.text(name).slice(Math.max(0, window.before - 200)).includes(wanted)",
            arg=[name, wanted],
        )

    async def until(self, condition: str) -> None:
        await self.page.wait_for_function(condition)

    async def violations(self) -> list[str]:
        """What axe-core finds wrong."""
        found: dict[str, Any] = await self.page.evaluate(
            "async source => { if (!window.axe) new Function(source).call(window); return await axe.run() }",
            AXE,
        )
        return [
            f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    async def misplaced(self) -> list[str]:
        """Texts of the drawing that lie on one another or are cut off, and a page that has to be scrolled."""
        found: list[str] = await self.page.evaluate("""() => {
            const stage = document.querySelector("#canvas svg").getBoundingClientRect();
            const texts = [...document.querySelectorAll("#canvas svg text")]
                .filter((each) => !each.classList.contains("tunnel-label") && each.textContent)
                .map((each) => ({ text: each.textContent, box: each.getBoundingClientRect() }));
            const wrong = texts.filter(({ box }) => box.left < stage.left || box.right > stage.right
                || box.top < stage.top || box.bottom > stage.bottom).map(({ text }) => `${text} is cut off`);
            texts.forEach(({ text, box: a }, at) => {
                for (const { text: other, box: b } of texts.slice(at + 1))
                    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) wrong.push(`${text} on ${other}`);
            });
            const { scrollWidth, scrollHeight } = document.documentElement;
            if (scrollWidth > innerWidth || scrollHeight > innerHeight) wrong.push("the page scrolls");
            return wrong;
        }""")
        return found

    async def picture(self, name: str) -> None:
        if ARTEFACTS:
            await asyncio.to_thread(Path(ARTEFACTS).mkdir, parents=True, exist_ok=True)
            await self.page.screenshot(path=str(Path(ARTEFACTS) / f"{name}.png"))


@contextlib.asynccontextmanager
async def shown(
    name: str,
    *,
    locale: str = "en-US",
    size: tuple[int, int] = (1366, 768),
    dark: bool = False,
    time: str = "fast",
) -> AsyncIterator[Shown]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium here")
    lab = Lab.load(name, seed=3, time=time)
    lab.boot()
    async with (
        serve(lab, base_port=0, keys=temporary_keys()) as serving,
        page_of(lab, serving.ports) as page_model,
        serve_page(page_model, host="127.0.0.1", port=0) as served,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale,
            color_scheme="dark" if dark else "light", bypass_csp=True, reduced_motion="no-preference",
        )  # fmt: skip
        page = await context.new_page()
        here = Shown(lab, page_model, page, f"127.0.0.1:{served.guard.port}")
        page.on(
            "console", lambda said: said.type in ("error", "warning") and here.complaints.append(said.text)
        )
        page.on("pageerror", lambda error: here.complaints.append(str(error)))
        page.on("request", lambda sent: _look(here, sent.url))
        page.on("websocket", lambda socket: _look(here, socket.url))
        await page.goto(served.link())
        await page.wait_for_selector("body[data-ready]")
        yield here
        assert here.complaints == []
        await browser.close()


def _look(here: Shown, url: str) -> None:
    place = url.partition("://")[2].partition("/")[0]
    if place != here.base and not url.startswith(("data:", "blob:")):
        here.complaints.append(f"a request leaves the machine: {url}")
