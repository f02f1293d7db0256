"""The JSON schemas of models, as components of the OpenAPI document, named after their classes."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

PREFIX = "#/components/schemas/"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What Pydantic calls the bounds of a type with a validator of its own, and what JSON Schema does."""


class _Described(GenerateJsonSchema):
    """Fields have the texts below them as descriptions, and no titles: these would only repeat their names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> dict[str, Any]:
        described = super().model_schema(schema)
        for name, field in described.get("properties", {}).items():
            if "description" not in field and (text := _text_below(schema["cls"], name)):
                field["description"] = text
        return described


def _text_below(model: type[BaseModel], field: str) -> str | None:
    """The text below a field, where the model or what it inherits from declares it."""
    for base in model.__mro__:
        if field in inspect.get_annotations(base):
            return _texts_below(base.__module__).get((base.__qualname__.partition("[")[0], field))
    return None


@cache
def _texts_below(module: str) -> Mapping[tuple[str, str], str]:
    """The texts below the fields of a module's classes, by class and field.

    Pydantic's `use_attribute_docstrings` finds them too, but looks for each class's source while it is being imported:
    that was two fifths of what it takes to start a program.
    """
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {
        (each.name, field.target.id): inspect.cleandoc(below.value.value)
        for each in classes
        for field, below in pairwise(each.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }


def schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of the models and of all models they contain, by the names of their classes."""
    wanted = [(model, "validation") for model in dict.fromkeys(models)]
    _, definitions = models_json_schema(wanted, ref_template=PREFIX + "{model}", schema_generator=_Described)  # type: ignore[arg-type]  # the literal is inferred as a text
    found: dict[str, Any] = definitions["$defs"]
    # Pydantic calls `Page[Device]` `Page_Device_`; the class has a name of its own.
    names = {key: schema.pop("title", key) if key.endswith("_") else key for key, schema in found.items()}
    for node in _nodes(found):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = PREFIX + names[node["$ref"].removeprefix(PREFIX)]
        _name_bounds(node)
    for schema in found.values():
        schema.pop("title", None)
    return {names[key]: found[key] for key in sorted(found, key=lambda key: names[key])}


def reference(model: type[BaseModel]) -> dict[str, str]:
    """The reference to a model's schema."""
    return {"$ref": PREFIX + model.__name__}


def lines_of(model: type[BaseModel], description: str) -> dict[str, Any]:
    """The schema of a text whose lines are each of a model."""
    content = {"contentMediaType": "application/json", "contentSchema": reference(model)}
    return {"type": "string", "description": description, **content}


def _name_bounds(schema: dict[str, Any]) -> None:
    """Only numbers can have bounds in JSON Schema; those of times are in the answers to times beyond them."""
    if isinstance(schema.get("type"), str):
        for name, keyword in _BOUNDS.items():
            bound = schema.pop(name, None)
            if bound is not None and schema["type"] in ("integer", "number"):
                schema[keyword] = bound


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for branch in tree.values():
            yield from _nodes(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)
