"""An example for any JSON schema: composed of the examples of its fields, so it is never out of date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_TYPE: Mapping[str, Any] = {"string": "", "boolean": False, "null": None}
_BY_FORMAT: Mapping[str, str] = {"date-time": "2026-03-02T09:30:00.000Z"}


def example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """A value that the schema accepts; a field that may be absent is left out unless it has an example of its own."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return example(components[schema["$ref"].rsplit("/", 1)[-1]], components)
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return example(schema[key][0], components)
    return _of_type(schema, components)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, components)
        case "array":
            return [example(schema["items"], components)] if schema.get("items") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "string" if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        case kind:
            return _BY_TYPE.get(str(kind), {})


def _object(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {
        name: example(field, components)
        for name, field in schema.get("properties", {}).items()
        if name in required or _has_example(field)
    }


def _has_example(schema: Mapping[str, Any]) -> bool:
    return "examples" in schema or any(_has_example(each) for each in schema.get("anyOf", ()))
