"""A lab file and the lab files that it extends, as one document."""

from __future__ import annotations

from pathlib import Path

from iosemu.lab import yaml_document
from iosemu.lab.errors import LabError
from iosemu.lab.yaml_document import Document, Marks, describe

MOST = 20
"""Lab files that one may build on, one on the other."""


def extended(path: Path, seen: tuple[Path, ...] = ()) -> Document:
    """The document with what it extends merged in, every value keeping its own place.

    Raises LabError.
    """
    document = yaml_document.load(path)
    if not isinstance(document.data, dict):
        raise LabError(f"{path}:1: a lab file is a mapping with name, nodes and links")
    base_name = document.data.get("extends")
    if not isinstance(base_name, str):
        return document
    base_path = path.parent / base_name
    if "\0" in base_name:
        raise LabError(
            describe(document.place(("extends",)), ("extends",), "a file name has no NUL character")
        )
    if len(seen) >= MOST:
        text = f"more than {MOST} lab files one on the other"
        raise LabError(describe(document.place(("extends",)), ("extends",), text))
    if base_path.resolve() in seen:
        raise LabError(describe(document.place(("extends",)), ("extends",), "goes round in a circle"))
    if not base_path.is_file():
        text = f"there is no file {base_path}"
        raise LabError(describe(document.place(("extends",)), ("extends",), text))
    base = extended(base_path, (*seen, path.resolve()))
    return _merged(base, document)


def _merged(base: Document, document: Document) -> Document:
    """The values of `document` over those of `base`: nodes key by key, links after links."""
    below, above = base.marks, document.marks
    merged = {**base.data, **document.data}
    marks = Marks(above.place, {**below.inside, **above.inside})
    if isinstance(base.data.get("nodes"), dict) and isinstance(document.data.get("nodes"), dict):
        nodes = dict(base.data["nodes"])
        node_marks = {**below.at("nodes"), **above.at("nodes")}
        for name, node in document.data["nodes"].items():
            known = nodes.get(name)
            if isinstance(known, dict) and isinstance(node, dict):
                nodes[name] = {**known, **node}
                old, new = below.at("nodes")[name], above.at("nodes")[name]
                node_marks[name] = Marks(new.place, {**old.inside, **new.inside})
            else:
                nodes[name] = node
        merged["nodes"] = nodes
        marks = marks.replaced(nodes=node_marks)
    if isinstance(base.data.get("links"), list) and isinstance(document.data.get("links"), list):
        merged["links"] = [*base.data["links"], *document.data["links"]]
        link_marks = [*below.at("links").values(), *above.at("links").values()]
        marks = marks.replaced(links=dict(enumerate(link_marks)))
    return Document(merged, marks)
