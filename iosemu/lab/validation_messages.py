"""Messages for wrong values in lab files: what is wrong, and what may stand there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list: [a, b]",
    "dict_type": "a mapping: {key: value}",
    "model_type": "a mapping: {key: value}",
}


def explain(fault: ErrorDetails, root: type[BaseModel]) -> str:
    """What is wrong and what may stand there, for a fault that validating `root` found."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(fault["loc"], root)
    if kind == "missing":
        return "is missing"
    if kind in _KINDS:
        return f"{_shown(fault['input'])} is not {_KINDS[kind]}"
    if kind == "string_pattern_mismatch":
        return f"{_shown(fault['input'])} is no name: letters, digits, '.', '_' and '-', no spaces"
    if kind in ("too_short", "too_long"):
        return _wrong_length(context)
    text = fault["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _wrong_length(context: Mapping[str, Any]) -> str:
    least, most = context.get("min_length"), context.get("max_length")
    wanted = f"at least {least}" if least is not None else f"no more than {most}"
    return f"{wanted} wanted, {context['actual_length']} given"


def _unknown_key(place: tuple[int | str, ...], root: type[BaseModel]) -> str:
    """The key that was perhaps meant, or the keys there are."""
    owner = _model_at(place[:-1], root)
    if owner is None:
        return "there is no such key here"
    keys = [field.alias or name for name, field in owner.model_fields.items()]
    near = difflib.get_close_matches(str(place[-1]), keys, 1)
    if near:
        return f"there is no such key; do you mean {near[0]!r}?"
    return f"there is no such key; there are: {', '.join(keys)}"


def _model_at(place: tuple[int | str, ...], root: type[BaseModel]) -> type[BaseModel] | None:
    """The model that describes the mapping at `place`."""
    at: Any = root
    for part in place:
        if isinstance(at, type) and issubclass(at, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in at.model_fields.items()}
            at = fields.get(str(part))
        else:
            at = (get_args(at) or (None,))[-1]
    return at if isinstance(at, type) and issubclass(at, BaseModel) else None
