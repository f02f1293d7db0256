"""The OpenAPI document as one page of HTML, which loads nothing and needs no script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from app.http.document.schemas import PREFIX

_CODE = re.compile(r"`([^`]+)`")
_NUMBERS = {"minimum": "from", "maximum": "to", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
_LENGTHS = {"minLength": "min. length", "maxLength": "max. length", "minItems": "min. items", "maxItems": "max. items"}


def page(document: Mapping[str, Any]) -> str:
    """The page of a document."""
    operations = [
        {"method": method, "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "docs.html",
        document=document,
        operations=lambda tag: [each for each in operations if tag in each["tags"]],
        resolved=lambda node: _resolved(document, node),
        kind=kind,
        bounds=bounds,
        prose=prose,
        pretty=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    )


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Any:
    found: Any = node
    while "$ref" in found:
        _, *steps = found["$ref"].split("/")
        found = document
        for step in steps:
            found = found[step]
    return found


def kind(schema: Mapping[str, Any]) -> Markup:
    """What a schema allows, in a few words, with links to components."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "contentSchema" in schema:
        return Markup("lines, each a {}").format(kind(schema["contentSchema"]))
    if "anyOf" in schema:
        return Markup(" or ").join(kind(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return Markup(", ").join(Markup("<code>{}</code>").format(json.dumps(value)) for value in values)
    if schema.get("type") == "array":
        return Markup("list of {}").format(kind(schema.get("items", {})))
    if isinstance(schema.get("additionalProperties"), dict):
        return Markup("map to {}").format(kind(schema["additionalProperties"]))
    return escape(schema.get("format") or schema.get("type") or "any")


def bounds(schema: Mapping[str, Any]) -> str:
    """The limits of a value, and its default."""
    found = [f"{words} {schema[key]}" for key, words in {**_NUMBERS, **_LENGTHS}.items() if key in schema]
    if "pattern" in schema:
        found.append(f"pattern {schema['pattern']}")
    if schema.get("default") is not None:
        found.append(f"default {json.dumps(schema['default'])}")
    return ", ".join(found)


def prose(text: str) -> Markup:
    """A description as HTML: paragraphs, lists and code."""
    blocks = []
    for block in text.split("\n\n"):
        lines = block.split("\n")
        if all(line.startswith("- ") for line in lines):
            items = Markup("").join(Markup("<li>{}").format(_inline(line[2:])) for line in lines)
            blocks.append(Markup("<ul>{}</ul>").format(items))
        else:
            blocks.append(Markup("<p>{}</p>").format(_inline(block)))
    return Markup("").join(blocks)


def _inline(text: str) -> Markup:
    # Every second part of the split is what stands between backticks.
    parts = enumerate(_CODE.split(text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in parts)
