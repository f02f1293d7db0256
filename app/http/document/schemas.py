"""The JSON schemas of models, as components of the OpenAPI document, named after their classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

PREFIX = "#/components/schemas/"


class _Untitled(GenerateJsonSchema):
    """Fields have no titles: these would only repeat their names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of the models and of all models they contain, by the names of their classes."""
    wanted = [(model, "validation") for model in dict.fromkeys(models)]
    _, definitions = models_json_schema(wanted, ref_template=PREFIX + "{model}", schema_generator=_Untitled)  # type: ignore[arg-type]  # the literal is inferred as a text
    found: dict[str, Any] = definitions["$defs"]
    # Pydantic calls `Page[Device]` `Page_Device_`; the class has a name of its own.
    names = {key: schema.pop("title", key) if key.endswith("_") else key for key, schema in found.items()}
    for node in _nodes(found):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = PREFIX + names[node["$ref"].removeprefix(PREFIX)]
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


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for branch in tree.values():
            yield from _nodes(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)
