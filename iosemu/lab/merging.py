"""A lab file and the lab files that it extends, as one document."""

from __future__ import annotations

from pathlib import Path

from iosemu.lab import marked
from iosemu.lab.marked import Document, LabError, describe


def extended(path: Path, seen: tuple[Path, ...] = ()) -> Document:
    """The document with what it extends merged in, every value keeping its own place.

    Raises LabError.
    """
    document = marked.load(path)
    if not isinstance(document.data, dict):
        raise LabError(f"{path}:1: a lab file is a mapping with name, nodes and links")
    base_name = document.data.get("extends")
    if not isinstance(base_name, str):
        return document
    base_path = path.parent / base_name
    if base_path.resolve() in seen:
        raise LabError(describe(document.place(("extends",)), ("extends",), "goes round in a circle"))
    if not base_path.is_file():
        text = f"there is no file {base_path}"
        raise LabError(describe(document.place(("extends",)), ("extends",), text))
    base = extended(base_path, (*seen, path.resolve()))
    places = dict(base.places)
    offset = len(base.data.get("links") or []) if isinstance(base.data.get("links"), list) else 0
    for at, place in document.places.items():
        if at[:1] == ("links",) and len(at) > 1 and isinstance(at[1], int):
            at = ("links", at[1] + offset, *at[2:])
        places[at] = place
    merged = {**base.data, **document.data}
    if isinstance(base.data.get("nodes"), dict) and isinstance(document.data.get("nodes"), dict):
        nodes = dict(base.data["nodes"])
        for name, node in document.data["nodes"].items():
            known = nodes.get(name)
            nodes[name] = {**known, **node} if isinstance(known, dict) and isinstance(node, dict) else node
        merged["nodes"] = nodes
    elif "nodes" in base.data and "nodes" not in document.data:
        merged["nodes"] = base.data["nodes"]
    if isinstance(base.data.get("links"), list) and isinstance(document.data.get("links"), list):
        merged["links"] = [*base.data["links"], *document.data["links"]]
    return Document(merged, places)
