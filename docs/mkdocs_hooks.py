"""What the site needs beside mkdocs: folders as lists in the navigation, and no links out of the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./(?!reference|adr|images)([^)#]*)(#[^)]*)?\)")


def on_config(config: Any) -> Any:
    """Entries of the navigation that end in `/` become a list of that folder's pages."""
    config["nav"] = _expanded(config["nav"], Path(config["docs_dir"]))
    return config


def _expanded(nav: Any, docs: Path) -> Any:
    if isinstance(nav, list):
        return [_expanded(entry, docs) for entry in nav]
    if isinstance(nav, dict):
        return {title: _expanded(target, docs) for title, target in nav.items()}
    if isinstance(nav, str) and nav.endswith("/"):
        pages = sorted((docs / nav).glob("*.md"), key=lambda path: (path.stem != "index", path.stem))
        return [f"{nav}{path.name}" for path in pages]
    return nav


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """The README is the site's first page; other files of the repository are named, not linked."""
    if page.file.src_uri.count("/"):
        return markdown
    markdown = markdown.replace("](../README.md)", "](index.md)")
    return _OUTSIDE.sub(lambda found: f"`{found[2]}`", markdown)
