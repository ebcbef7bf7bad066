"""The page in a real Chromium: what a learner sees and does."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from browser_page import shown

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("locale", "size", "dark", "words"),
    [
        ("en-US", (1366, 768), False, ("Terminals", "Lesson", "Running configuration")),
        ("ja-JP", (1920, 1080), True, ("端末", "レッスン", "running-config")),
    ],
)
async def test_the_page_in_both_languages_at_two_sizes_without_violations(
    locale: str, size: tuple[int, int], dark: bool, words: tuple[str, ...]
) -> None:
    async with shown("ipsec-vpn-exercise", locale=locale, size=size, dark=dark) as here:
        page = here.page
        assert await page.evaluate("document.documentElement.lang") == locale[:2]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await here.violations() == []
        await here.terminal("R-A")
        await here.type("R-A", "show ip interface brief", "FastEthernet0/1")
        await here.terminal("PC-A")
        await here.type("PC-A", "ping 10.0.10.20", "Packets: Sent = 4")
        await here.picture(f"terminals-{locale}")
        await here.device("R-A").click()
        await page.get_by_role("button", name=words[2], exact=True).click()
        await page.locator("pre.config").wait_for()
        assert await here.violations() == []
        text = await page.locator("body").inner_text()
        for word in words:
            assert word in text
        await here.picture(f"device-{locale}")


@pytest.mark.parametrize("name", ["wide-area", "enterprise"])
async def test_texts_of_the_drawing_lie_on_nothing_else(name: str) -> None:
    async with shown(name) as here:
        for size in ((1366, 768), (1920, 1080)):
            await here.page.set_viewport_size({"width": size[0], "height": size[1]})
            await here.page.locator("#stage-tools button").nth(1).click()  # as it is laid out for this size
            assert await here.misplaced() == []
            await here.picture(f"{name}-{size[0]}")


async def test_a_cable_is_cut_and_mended_by_click_and_everybody_sees_it() -> None:
    async with shown("ipsec-vpn") as here:
        page = here.page
        cable = here.cable("R-A Fa0/0")
        await cable.focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Cut the cable").click()
        await page.locator(".cable.cut").wait_for()
        assert not here.lab.link("R-A:FastEthernet0/0").plugged
        await page.get_by_label("Delay").fill("20ms")
        await page.get_by_label("Loss").fill("half")
        await page.get_by_role("button", name="Apply").click()
        await page.locator(".toast").wait_for()
        assert here.lab.link("R-A:FastEthernet0/0").faults.loss == 0
        await page.get_by_label("Loss").fill("1%")
        await page.get_by_role("button", name="Apply").click()
        await page.locator("text.note", has_text="delay 20ms loss 1%").wait_for()
        await page.get_by_role("button", name="Mend the cable").click()
        await page.locator(".cable.cut").wait_for(state="detached")
        await page.get_by_role("button", name="Clear faults").click()
        await page.locator("text.note").wait_for(state="detached")
        await here.device("SV-B").click()
        await page.get_by_role("button", name="Power off").click()
        await page.locator(".device.off").wait_for()
        assert not here.lab["SV-B"].powered


async def test_devices_stay_where_they_were_dragged_and_every_part_is_reached_by_keyboard() -> None:
    async with shown("ipsec-vpn") as here:
        page = here.page
        box = await here.device("PC-A").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
        await page.mouse.down()
        await page.mouse.move(box["x"] + 200, box["y"] - 60, steps=5)
        await page.mouse.up()
        place = await here.device("PC-A").get_attribute("transform")
        await page.reload()
        await page.wait_for_selector("body[data-ready]")
        assert await here.device("PC-A").get_attribute("transform") == place
        await here.terminal("R-A")
        reached = set()
        for _ in range(4):
            await page.keyboard.press("F6")
            reached.add(
                await page.evaluate("document.activeElement.closest('#top, #stage, #side, #dock').id")
            )
        assert reached == {"top", "stage", "side", "dock"}


async def test_terminals_survive_a_restored_moment() -> None:
    async with shown("ipsec-vpn-exercise") as here:
        page = here.page
        await here.terminal("R-A")
        await here.type("R-A", "configure terminal\nhostname CHANGED\nend", "CHANGED#")
        await page.get_by_role("tab", name="Lesson").click()
        await page.get_by_role("button", name="Restore: Beginning").click()
        await here.until("iosemu.terminals.text('R-A').trimEnd().endsWith('R-A#')")
        assert here.lab["R-A"].hostname == "R-A"
        # two ways to go on, side by side
        await page.get_by_label("Name").fill("other way")
        await page.get_by_role("button", name="New branch from here").click()
        await page.get_by_role("button", name="other-way", exact=True).wait_for()
        await here.terminal("R-A")
        await here.type("R-A", "configure terminal\nhostname OTHER\nend", "OTHER#")
        await page.get_by_role("tab", name="Lesson").click()
        await page.get_by_role("button", name="main", exact=True).click()
        await here.until("iosemu.terminals.text('R-A').trimEnd().endsWith('R-A#')")
        await page.get_by_role("button", name="other-way", exact=True).click()
        await here.until("iosemu.terminals.text('R-A').trimEnd().endsWith('OTHER#')")
        assert here.lab["R-A"].hostname == "OTHER"
        assert await here.violations() == []


async def test_packets_are_listed_filtered_opened_and_pointed_at() -> None:
    async with shown("ipsec-vpn") as here:
        page = here.page
        await here.terminal("PC-A")
        await here.type("PC-A", "ping 192.168.2.1", "Packets: Sent = 4")
        await page.get_by_role("tab", name="Packets").click()
        await page.get_by_label("Filter").fill("esp")
        await page.keyboard.press("Enter")
        await page.locator(".row.k-ipsec").first.click()
        await page.locator("details.opened summary", has_text="ICMP").wait_for()
        await page.locator("details.opened button.field", has_text="Source Address").click()
        assert await page.locator(".bytes mark").all_inner_texts() == ["c0", "a8", "01", "01"]
        assert await here.violations() == []
        await page.get_by_role("button", name="Show the cable").click()
        await page.locator(".cable.selected").wait_for()
        await here.picture("packets")
        await page.get_by_label("Filter").fill("esp and")
        await page.keyboard.press("Enter")
        await page.locator("#packet-filter[aria-invalid=true]").wait_for()
        await page.get_by_role("button", name="ICMP", exact=True).click()
        await page.get_by_label("Filter").fill("icmp and not esp")
        await page.keyboard.press("Enter")
        await page.locator(".row", has_text="No packets").wait_for()
        await here.device("Sniffer1").dblclick()
        await page.get_by_role("button", name="ICMP", exact=True).click()
        await page.get_by_label("Filter").fill("")
        await page.keyboard.press("Enter")
        await page.locator(".row", has_text="WAN-SW").first.wait_for()
        async with page.expect_download() as saving:
            await page.get_by_role("link", name="pcapng + keys").click()
        assert (await saving.value).suggested_filename == "ipsec-vpn.zip"
        slider = page.get_by_label("Lab time of the packet")
        await slider.evaluate("s => { s.value = s.min; s.dispatchEvent(new Event('input')); }")
        await page.locator(".row.chosen[aria-posinset='1']").wait_for()
        assert await page.get_by_role("button", name="Follow").get_attribute("aria-pressed") == "false"
        # back to what the list has let go of, and to what passes now
        here.page_model.tape.decoded._most = 20
        await here.lab.clock.advance(900)
        await page.get_by_role("button", name="Follow").click()
        await here.until("iosemu.packets.length < 21")
        await slider.evaluate("s => { s.value = 66; s.dispatchEvent(new Event('input')); }")
        await here.until("iosemu.packets.length > 30")
        await page.locator(".row.chosen").wait_for()
        await page.get_by_role("button", name="Follow").click()
        await here.until("iosemu.packets.length < 21")


async def test_a_packet_is_traced_and_the_line_that_dropped_it_is_shown() -> None:
    async with shown("ipsec-vpn") as here:
        page = here.page
        await page.get_by_role("tab", name="Trace").click()
        await page.get_by_label("Source", exact=True).select_option("PC-A")
        await page.get_by_label("Destination", exact=True).fill("nobody")
        await page.get_by_role("button", name="Send one packet").click()
        await page.locator(".toast", has_text="neither an IPv4 address").wait_for()
        await page.get_by_label("Destination", exact=True).fill("SV-B")
        await page.get_by_role("button", name="Send one packet").click()
        await page.locator(".trace .dropped", has_text="no SA for 192.168.1.0/24").wait_for()
        assert await page.locator(".device.dropping[aria-label^='R-A,']").count() == 1
        assert "access-list 101 permit ip 192.168.1.0" in await page.locator("ol.trace").inner_text()
        assert await here.violations() == []
        for _ in range(50):  # until IKE is done, and ARP at the far end
            await page.get_by_role("button", name="Send one packet").click()
            await page.wait_for_function("!document.querySelector('#trace [type=submit]').disabled")
            if "Answered after" in await page.locator(".verdict").inner_text():
                break
        assert "Answered after" in await page.locator(".verdict").inner_text()
        assert await page.locator(".cable.taken").count() == 7
        await page.locator("ol.trace button.link").first.click()
        await page.locator(".cable.selected").wait_for()
        assert await here.violations() == []
        await here.picture("trace")
        await page.get_by_role("tab", name="Lesson").click()
        await page.get_by_role("button", name="Compare", exact=True).click()
        text = page.get_by_role("region", name="Differences")
        await text.filter(has_text="R-A: IPsec").wait_for()
        assert await here.violations() == []


CONFIGURATION = """configure terminal
crypto isakmp policy 10
encryption aes 256
authentication pre-share
group 2
exit
crypto isakmp key TEST1 address {peer}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
access-list 101 permit ip {mine} 0.0.0.255 {theirs} 0.0.0.255
crypto map CMAP 10 ipsec-isakmp
set peer {peer}
match address 101
set transform-set TSET
exit
interface FastEthernet0/0
crypto map CMAP
end"""


ENDS = (
    ("R-A", "10.0.10.20", "192.168.1.0", "192.168.2.0"),
    ("R-B", "10.0.10.10", "192.168.2.0", "192.168.1.0"),
)
OTHER_KEY = """configure terminal
no crypto isakmp key TEST1 address 10.0.10.20
crypto isakmp key OTHER address 10.0.10.20
end
clear crypto session"""
ENGLISH = ("Lesson", "Ladder", "Packets", "Cut the cable", "Mend the cable", "Keep this moment", "Save SVG")
JAPANESE = (
    "レッスン",
    "シーケンス図",
    "パケット",
    "ケーブルを切る",
    "ケーブルをつなぐ",
    "今の状態を残す",
    "SVG を保存",
)


@pytest.mark.parametrize(
    ("locale", "size", "words", "restore", "pattern"),
    [
        ("en-US", (1366, 768), ENGLISH, "Restore: works", "Pattern 2"),
        ("ja-JP", (1920, 1080), JAPANESE, "戻す: works", "パターン2"),
    ],
)
async def test_the_lesson_of_the_handout_from_beginning_to_end(
    locale: str, size: tuple[int, int], words: tuple[str, ...], restore: str, pattern: str
) -> None:
    lesson, ladder, packets, cut, mend, keep, drawing = words
    async with shown("ipsec-vpn-exercise", locale=locale, size=size) as here:
        page = here.page
        await page.get_by_role("tab", name=lesson).click()
        assert await page.locator(".step").count() == 8
        assert await page.locator(".step.done").count() == 0
        # configure both ends by terminal
        for name, peer, mine, theirs in ENDS:
            await here.terminal(name)
            await here.type(name, CONFIGURATION.format(peer=peer, mine=mine, theirs=theirs), f"{name}#")
        await page.get_by_role("tab", name=lesson).click()
        await page.locator(".step.done").nth(5).wait_for()
        # ping: the tunnel comes up, packets are encrypted
        await here.terminal("PC-A")
        await here.type("PC-A", "ping 192.168.2.1", "Packets: Sent = 4")
        await page.locator(".tunnel.up").wait_for()
        await here.type("PC-A", "ping 192.168.2.1", "Received = 4")
        await page.get_by_role("tab", name=lesson).click()
        await page.locator(".step.done").nth(7).wait_for()
        assert await page.locator("progress").get_attribute("value") == "100"
        assert not {"null", "undefined"} & set((await page.locator("body").inner_text()).splitlines())
        assert await here.misplaced() == []
        await here.picture(f"lesson-{locale}")
        # the ladder of what happened
        await page.get_by_role("tab", name=ladder).click()
        await page.locator(".message").nth(8).wait_for()
        assert [
            (await page.locator(".message .says").nth(at).text_content() or "").split()[0] for at in range(9)
        ] == ["MM1", "MM2", "MM3", "MM4", "MM5", "MM6", "QM1", "QM2", "QM3"]
        assert await here.violations() == []
        assert await here.misplaced() == []
        await here.picture(f"ladder-{locale}")
        async with page.expect_download() as download:
            await page.get_by_role("button", name=drawing, exact=True).click()
        kept = await download.value
        assert kept.suggested_filename.startswith("ipsec-vpn-exercise-IKE")
        words_drawn = " ".join(ElementTree.parse(await kept.path()).getroot().itertext())
        assert all(name in words_drawn for name in ("MM1", "MM6", "QM3"))
        # what ESP hides
        await page.get_by_role("tab", name=packets).click()
        await page.locator("#packet-filter").fill("esp")
        await page.keyboard.press("Enter")
        await page.locator(".row.k-ipsec .lock").first.click()
        await page.locator("details.opened summary", has_text="ICMP").wait_for()
        # keep this moment, then break it
        await page.get_by_role("tab", name=lesson).click()
        await page.locator("#moment-label").fill("works")
        await page.get_by_role("button", name=keep).click()
        await page.get_by_role("button", name=restore).wait_for()
        await here.cable("R-A Fa0/0").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name=cut).click()
        await page.locator(".cable.cut").wait_for()
        await page.get_by_role("button", name=mend).click()
        # pattern 2: the keys differ
        await here.terminal("R-A")
        await here.type("R-A", OTHER_KEY, "R-A#clear crypto session")
        await here.terminal("PC-A")
        await here.type("PC-A", "ping 192.168.2.1", "Received = 0")
        await page.get_by_role("tab", name=lesson).click()
        await page.locator(".stage-word", has_text=pattern).wait_for()
        await page.get_by_role("tab", name=ladder).click()
        await page.locator(".message .says", has_text="again").first.wait_for()
        await here.picture(f"pattern2-{locale}")
        # and back
        await page.get_by_role("button", name=restore).click()
        await page.locator(".step.done").nth(7).wait_for()
        await here.terminal("PC-A")
        await here.until("iosemu.terminals.text('PC-A').trimEnd().endsWith('>')")
        await here.type("PC-A", "ping 192.168.2.1", "Received = 4")
