"""Jinja2 whose templates end: what they loop over, call and write is counted, whoever wrote them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_STEPS = 200_000
"""Rounds of loops and calls of one rendering."""
MOST_TEXT = 4_000_000
"""Characters of one value, and of what one rendering writes."""
MOST_BITS = 4096
"""Of a number that a power makes."""
MOST_WIDTH = 100_000
"""The largest number that a filter or method takes: how wide, how often."""


class TemplateBoundError(jinja2.TemplateRuntimeError):
    """A template would go on for too long, or write too much."""


class BoundedEnvironment(SandboxedEnvironment):
    """An environment for templates of strangers; `render` starts the count."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left = self._most = MOST_STEPS
        self.filters = {name: _narrow(function) for name, function in self.filters.items()}
        self.filters["_counted"] = self._counted
        self.filters["_joined"] = self._joined
        self.filters["_sized"] = _sized
        self.globals.pop("lipsum", None)

    def filled(self, template: jinja2.Template, variables: dict[str, Any], steps: int = MOST_STEPS) -> str:
        """Render in at most so many steps; raises TemplateBoundError beside what Jinja2 raises."""
        self._left = self._most = steps
        written: list[str] = []
        length = 0
        for piece in template.generate(variables):
            length += len(piece)
            if length > MOST_TEXT:
                raise TemplateBoundError(f"writes more than {MOST_TEXT} characters")
            written.append(piece)
        return "".join(written)

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TemplateBoundError(f"takes more than {self._most} steps")

    def _counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._step()
            yield item

    def _joined(self, parts: Iterable[Any]) -> str:
        return str(_sized("".join(map(str, parts))))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = _Bounds().visit(super()._parse(source, name, filename))
        return parsed

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something: one step, and no number that makes it endless."""
        self._step()
        _refuse_wide(args, kwargs)
        return _sized(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operation whose result may be far larger than its operands."""
        self._step()
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            if max(left.bit_length(), 1) * abs(right) > MOST_BITS:
                raise TemplateBoundError(f"makes a number of more than {MOST_BITS} bits")
        elif operator == "*":
            for sequence, times in ((left, right), (right, left)):
                if (
                    isinstance(times, int)
                    and hasattr(sequence, "__len__")
                    and len(sequence) * times > MOST_TEXT
                ):
                    raise TemplateBoundError(f"makes more than {MOST_TEXT} characters")
            if isinstance(left, int) and isinstance(right, int) and (left * right).bit_length() > MOST_BITS:
                raise TemplateBoundError(f"makes a number of more than {MOST_BITS} bits")
        elif operator == "%" and isinstance(left, str):
            raise TemplateBoundError("write {{ value }} in the place of % with a text")
        return _sized(super().call_binop(context, operator, left, right))


class _Bounds(NodeTransformer):
    """Puts the counts where a template repeats and joins."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja2 names it
        self.generic_visit(node)
        node.iter = _filtered(cast(nodes.Expr, node.iter), "_counted")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "_joined")

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.AssignBlock:  # noqa: N802
        self.generic_visit(node)
        node.filter = nodes.Filter(node.filter, "_sized", [], [], None, None, lineno=node.lineno)
        return node


def _filtered(expression: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(expression, name, [], [], None, None, lineno=expression.lineno)


def _sized(value: Any) -> Any:
    if isinstance(value, str | bytes | list | tuple | dict) and len(value) > MOST_TEXT:
        raise TemplateBoundError(f"makes a value of more than {MOST_TEXT} characters")
    return value


def _refuse_wide(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    for value in (*arguments, *named.values()):
        if isinstance(value, int) and abs(value) > MOST_WIDTH:
            raise TemplateBoundError(f"{value} is more than {MOST_WIDTH}")


def _narrow(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def bounded(*arguments: Any, **named: Any) -> Any:
        _refuse_wide(arguments[1:], named)
        return function(*arguments, **named)

    return bounded
