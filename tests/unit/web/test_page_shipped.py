"""The page's files."""

from __future__ import annotations

from iosemu.web.application import STATIC


def test_what_is_shipped_stays_small_and_names_its_licence() -> None:
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) < 1_000_000
    notice = (STATIC / "vendor" / "LICENSE.txt").read_text()
    assert "@xterm/xterm 6.0.0" in notice
    assert "Permission is hereby granted" in notice
    for path in STATIC.rglob("*"):
        if path.suffix in (".html", ".css", ".js") and "vendor" not in path.parts:
            text = path.read_text().replace("http://www.w3.org/", "").replace("ws://${location.host}", "")
            assert "://" not in text, path  # nothing is fetched from elsewhere
