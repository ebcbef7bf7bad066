"""Many nodes and cables from one entry, and variables in them: `for`, `count`, `variables`, Jinja2."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sized
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from iosemu.lab.errors import LabError
from iosemu.lab.yaml_document import Document, KeyPath, Marks

if TYPE_CHECKING:
    import jinja2

    from iosemu.lab.template_bounds import BoundedEnvironment

_RANGE = re.compile(r"(-?\d+)\s*\.\.\s*(-?\d+)")
MOST = 10_000
"""Copies of one entry, at most."""
MOST_ENTRIES = 20_000
"""Nodes of a lab, and links of a lab, at most."""
SUFFIX = ".j2"
"""Configuration files with this ending are templates."""


@cache
def _environment() -> BoundedEnvironment:
    """Jinja2, imported for the first text that needs it."""
    import jinja2

    from iosemu.lab.template_bounds import BoundedEnvironment

    # no autoescape: the result is IOS configuration, not HTML
    return BoundedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _compiled(text: str) -> jinja2.Template:
    """One template for the many copies of an entry; raises jinja2.TemplateSyntaxError."""
    return _environment().from_string(text)


def _plain(text: str) -> bool:
    """Whether rendering leaves a text as it is: no delimiter of Jinja's, no line end that it rewrites."""
    return not ("{{" in text or "{%" in text or "{#" in text or "\r" in text)


def render(text: str, variables: Mapping[str, Any], place: str) -> str:
    """A template filled in; raises LabError, `place` and line in front."""
    if _plain(text):
        return text
    import jinja2

    try:
        return _environment().filled(_compiled(text), dict(variables))
    except jinja2.TemplateSyntaxError as error:
        raise LabError(f"{place}:{error.lineno}: {error.message}") from error
    except (RecursionError, MemoryError) as error:
        raise LabError(f"{place}: nested too deeply, or too large") from error
    except (jinja2.TemplateError, TypeError, ArithmeticError, ValueError) as error:
        known = ", ".join(sorted(variables)) or "none"
        raise LabError(f"{place}: {error}; variables here: {known}") from error


def expand(document: Document, variables: Mapping[str, Any] | None = None) -> Document:
    """The document with every `for` and `count` carried out and variables filled in, places kept.

    `variables` take the place of those that the file sets. Raises LabError.
    """
    data = dict(document.data) if isinstance(document.data, dict) else {}
    given = data.get("variables")
    known = {**(given if isinstance(given, dict) else {}), **(variables or {})}
    expansion = _Expansion(document, known)
    marks = document.marks
    if variables:
        data["variables"] = known
    if isinstance(data.get("nodes"), dict):
        data["nodes"], node_marks = expansion.nodes(data["nodes"])
        marks = marks.replaced(nodes=node_marks)
    if isinstance(data.get("links"), list):
        data["links"], link_marks = expansion.links(data["links"])
        marks = marks.replaced(links=dict(enumerate(link_marks)))
    return Document(data, marks) if data else document


class _Expansion:
    def __init__(self, document: Document, variables: Mapping[str, Any]) -> None:
        self._document = document
        self._variables = variables

    def nodes(self, nodes: dict[str, Any]) -> tuple[dict[str, Any], dict[str | int, Marks]]:
        """The nodes with their copies, and the marks of each: those of the entry that it comes from."""
        found: dict[str, Any] = {}
        old = self._document.marks.at("nodes")
        marks = dict(old)
        for name, node in nodes.items():
            at: KeyPath = ("nodes", name)
            if not isinstance(node, dict):
                found[name] = node
                continue
            pattern = name + "{{ n }}" if "count" in node and "{{" not in name else name
            for loop in self._loops(node, at):
                own = {**self._variables, **loop}
                copy_name = str(self._filled(pattern, own, at))
                if copy_name in found:
                    raise self._fault(at, f"makes {copy_name!r} twice; put the loop's variable into the name")
                body = self._body(node, {**own, "name": copy_name}, at)
                if loop:
                    body["variables"] = {**loop, **(body.get("variables") or {})}
                found[copy_name] = body
                self._count(found, at)
                if name in old:  # a lab built in code has no marks
                    marks[copy_name] = old[name]
        return found, marks

    def links(self, links: list[Any]) -> tuple[list[Any], list[Marks]]:
        """The links with their copies, and the marks of each."""
        found: list[Any] = []
        old = self._document.marks.at("links")
        around = Marks(self._document.place(("links",)))
        marks: list[Marks] = []
        for index, link in enumerate(links):
            at: KeyPath = ("links", index)
            loops = self._loops(link, at) if isinstance(link, dict) else [{}]
            for loop in loops:
                self._count(found, at)
                marks.append(old.get(index, around))
                found.append(
                    self._body(link, {**self._variables, **loop}, at) if isinstance(link, dict) else link
                )
        return found, marks

    def _body(self, entry: dict[str, Any], variables: Mapping[str, Any], at: KeyPath) -> dict[str, Any]:
        return {
            key: value if key == "startup" else self._filled(value, variables, (*at, key))
            for key, value in entry.items()
            if key not in ("for", "count")
        }

    def _filled(self, value: Any, variables: Mapping[str, Any], at: KeyPath) -> Any:
        if isinstance(value, str) and ("{{" in value or "{%" in value):
            place = self._document.place(at)
            return render(value, variables, f"{place[0]}:{place[1]}")
        if isinstance(value, list):
            return [self._filled(item, variables, (*at, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self._filled(item, variables, (*at, key)) for key, item in value.items()}
        return value

    def _loops(self, entry: dict[str, Any], at: KeyPath) -> Iterator[dict[str, Any]] | list[dict[str, Any]]:
        if "count" in entry and "for" in entry:
            raise self._fault((*at, "count"), "give either count or for")
        if "count" in entry:
            count = self._filled(entry["count"], self._variables, (*at, "count"))
            if not re.fullmatch(r"\d+", str(count)) or isinstance(count, bool):
                raise self._fault((*at, "count"), f"{count!r} is no number")
            return self._products({"n": f"1..{count}"}, (*at, "count"))
        if "for" in entry:
            loop = entry["for"]
            if not isinstance(loop, dict) or not loop:
                raise self._fault((*at, "for"), "write for: {i: 1..5} or for: {site: [a, b]}")
            return self._products(loop, (*at, "for"))
        return [{}]

    def _products(self, loop: dict[str, Any], at: KeyPath) -> list[dict[str, Any]]:
        columns = [self._values(value, at) for value in loop.values()]
        copies = math.prod(map(len, columns))
        if copies > MOST:
            raise self._fault(at, f"makes {copies} copies; {MOST} at most")
        return [dict(zip(loop, values, strict=True)) for values in itertools.product(*columns)]

    def _values(self, value: Any, at: KeyPath) -> list[Any]:
        value = self._filled(value, self._variables, at)
        if isinstance(value, list):
            return value
        found = _RANGE.fullmatch(str(value).strip())
        if found is None:
            raise self._fault(at, f"{value!r} is neither a range such as 1..5 nor a list")
        first, last = int(found[1]), int(found[2])
        if last - first >= MOST:
            raise self._fault(at, f"makes {last - first + 1} copies; {MOST} at most")
        return list(range(first, last + 1))

    def _count(self, found: Sized, at: KeyPath) -> None:
        if len(found) > MOST_ENTRIES:
            raise self._fault(at, f"makes more than {MOST_ENTRIES} entries in all")

    def _fault(self, at: KeyPath, text: str) -> LabError:
        place = self._document.place(at)
        return LabError(f"{place[0]}:{place[1]}: {'.'.join(map(str, at))}: {text}")
