"""Rendering as the evaluation renders, held against `clients/contract/rendering.json`.

`jinja` is MiniJinja itself, the optional dependency `render`; `python`, `braces` and `none` need nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional, Union

from .errors import RenderError

LANGUAGES = ("jinja", "python", "braces", "none")
# Steps one rendering may take, as in the evaluation.
FUEL = 10_000_000
_TAGS = ("{{", "{%", "{#")
_ASCII_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FIELD = re.compile(r"([^\[\]{}]+)((?:\[[^\]]*\])*)\Z")
_BRACED = re.compile(r"\{([^\W\d]\w*)\}")
_KEY = re.compile(r"\[([^\]]*)\]")
# What the binding has beyond the engine of the evaluation: there, a template with it fails.
_NOT_EVALUATED = ("filesizeformat", "pluralize", "striptags", "truncate", "urlencode", "wordwrap")

Piece = Union[str, tuple[str, list[str]]]
Renderer = Callable[[Mapping[str, Any]], list[str]]


def language(text: str) -> str:
    """The language a plain text is written in: nothing beside it says so."""
    try:
        fields = [piece[0] for piece in _pieces(text) if isinstance(piece, tuple)]
    except RenderError:
        fields = []
    if fields and all(_ASCII_NAME.match(name) for name in fields):
        return "python"
    return "jinja" if has_tags(text) else "none"


def has_tags(text: str) -> bool:
    """Whether Jinja has anything to do in it."""
    return any(tag in text for tag in _TAGS)


def compile_all(template: str, texts: Sequence[str]) -> Renderer:
    """Compiles the texts of one prompt; the result renders them all."""
    if template == "none":
        return lambda variables: list(texts)
    if template == "python":
        compiled = [_pieces(text) for text in texts]
        return lambda variables: [_formatted(pieces, variables) for pieces in compiled]
    if template == "braces":
        return lambda variables: [_BRACED.sub(lambda found: _filled(found, variables), text) for text in texts]
    if not any(map(has_tags, texts)):
        constants = [_without_last_break(text) for text in texts]
        return lambda variables: list(constants)
    return _jinja(texts)


def json_values(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as the JSON values a golden set has: tuples are lists, and so on."""
    values = {}
    for name, value in variables.items():
        try:
            values[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise RenderError(f"the variable `{name}` is no JSON value: {error}") from None
    return values


def _filled(found: re.Match[str], variables: Mapping[str, Any]) -> str:
    """What stands in the place of `{name}`: the variable, if it is given."""
    return _formatted([(found[1], [])], variables) if found[1] in variables else found[0]


def _without_last_break(text: str) -> str:
    text = text[:-1] if text.endswith("\n") else text
    return text[:-1] if text.endswith("\r") else text


def _jinja(texts: Sequence[str]) -> Renderer:
    try:
        from minijinja import Environment, TemplateError
    except ImportError:
        raise RenderError(
            "rendering a jinja template needs MiniJinja: pip install 'prompt-assay-client[render]'"
        ) from None
    environment = Environment(
        undefined_behavior="strict", auto_escape_callback=lambda _: False, fuel=FUEL, pycompat=True
    )
    for name in _NOT_EVALUATED:
        environment.remove_filter(name)
    for name in ("cycler", "joiner"):
        environment.remove_global(name)
    names = [str(index) for index in range(len(texts))]

    def explained(error: TemplateError, name: str, variables: Optional[Mapping[str, Any]] = None) -> RenderError:
        message = error.detail or error.kind
        if error.kind == "UndefinedError":
            message = error.detail or "a variable has no value"
            known = {} if variables is None else variables
            missing = environment.undeclared_variables_in_template(name) - set(environment.globals) - set(known)
            if missing:
                message = f"the variable `{min(missing)}` has no value"
        if error.kind == "OutOfFuel":
            message = "rendering takes too many steps"
        line = "" if error.line is None else f" (line {error.line} of message {int(name) + 1})"
        return RenderError(f"{message}{line}")

    read = {}
    for name, text in zip(names, texts):
        try:
            environment.add_template(name, text)
        except TemplateError as error:
            raise explained(error, name) from None
        read[name] = sorted(environment.undeclared_variables_in_template(name))

    def render(variables: Mapping[str, Any]) -> list[str]:
        rendered = []
        for name, text in zip(names, texts):
            # The binding prints Python's lists and dictionaries in Python's way, and lets their methods be
            # called. The engine's own come from what is written in the template.
            given = [one for one in read[name] if isinstance(variables.get(one), (list, dict))]
            written = "".join(f"{{% set {one} = {_literal(variables[one])} %}}" for one in given)
            try:
                if written:
                    rendered.append(environment.render_str(written + text, name, **variables))
                else:
                    rendered.append(environment.render_template(name, **variables))
            except TemplateError as error:
                raise explained(error, name, variables) from None
        return rendered

    return render


def _literal(value: Any) -> str:
    """A JSON value as Jinja writes it."""
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_literal(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_literal, value)) + "]"
    if value is None:
        return "none"
    return json.dumps(value, ensure_ascii=False)


def _pieces(text: str) -> list[Piece]:
    """Splits a template of `str.format` with plain names; a field is `(name, keys)`."""
    pieces: list[Piece] = []
    literal, at = "", 0
    while True:
        brace = min((found for found in (text.find("{", at), text.find("}", at)) if found >= 0), default=-1)
        if brace < 0:
            return [*pieces, literal + text[at:]]
        literal += text[at:brace]
        if text[brace + 1 : brace + 2] == text[brace]:
            literal, at = literal + text[brace], brace + 2
            continue
        line = text.count("\n", 0, brace) + 1
        if text[brace] == "}":
            raise RenderError(f"a single `}}` in line {line}: write `}}}}` for a brace")
        end = text.find("}", brace)
        if end < 0:
            raise RenderError(f"a `{{` in line {line} is never closed: write `{{{{` for a brace")
        field = _FIELD.match(text[brace + 1 : end])
        if not field or not _is_name(field[1]):
            raise RenderError(f"`{text[brace : end + 1]}` in line {line} is not a plain `{{name}}`")
        pieces += [literal, (field[1], _KEY.findall(field[2]))]
        literal, at = "", end + 1


def _is_name(name: str) -> bool:
    # What is no ASCII was checked by the evaluation; languages differ in what is a letter.
    return name[0] not in "0123456789" and all(c == "_" or c.isalnum() or ord(c) > 127 for c in name)


def _formatted(pieces: Sequence[Piece], variables: Mapping[str, Any]) -> str:
    return "".join(piece if isinstance(piece, str) else _field(*piece, variables) for piece in pieces)


def _field(name: str, keys: Sequence[str], variables: Mapping[str, Any]) -> str:
    if name not in variables:
        raise RenderError(f"the variable `{name}` has no value")
    value = variables[name]
    for key in keys:
        is_there = False
        if isinstance(value, dict):
            is_there = key in value
        elif isinstance(value, list) and re.fullmatch(r"\+?[0-9]+", key):
            is_there = int(key) < len(value)
        if not is_there:
            raise RenderError(f"the variable `{name}` has no `[{key}]`")
        value = value[key] if isinstance(value, dict) else value[int(key)]
    if isinstance(value, (list, dict)):
        raise RenderError(f"the variable `{name}` is a list or a mapping; only single values are printed")
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """A float as the evaluation prints it: the shortest digits, and an exponent without leading zeros."""
    sign = "-" if repr(value).startswith("-") else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0.0"
    if 0 < point <= 16:
        padded = digits.ljust(point, "0")
        return f"{sign}{padded[:point]}.{padded[point:] or '0'}"
    if -5 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
