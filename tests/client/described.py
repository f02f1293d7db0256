"""Where the type of a client's method differs from the schema of an answer in the OpenAPI document.

A field that is always answered may be optional in the type: plans and windows that are read can be sent back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from tests.client.support import required

PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool}
RAISED = {"stopped"}
"""Values that the client raises as an error."""
Schema = Mapping[str, Any]


class Described:
    """The document's components, by which schemas are compared with types."""

    def __init__(self, document: Schema) -> None:
        self._components = document["components"]["schemas"]

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._components[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def differences(
        self, schema: Schema, hint: Any, at: str = "answer", types: dict[Any, Any] | None = None
    ) -> list[str]:
        """How the type `hint` differs from the schema; `types` are those of its type variables."""
        schema = self.resolved(schema)
        if isinstance(hint, TypeVar):
            return self.differences(schema, (types or {})[hint], at)
        if hint is Any:
            return []
        if "anyOf" in schema:
            return self._union(schema["anyOf"], hint, at, types)
        if get_origin(hint) in (Union, UnionType):
            return [f"{at}: {hint} may be null, the answer may not"]
        if get_origin(hint) is Literal:
            values = set(schema.get("enum", [schema.get("const")])) - RAISED
            return [] if values == set(get_args(hint)) else [f"{at}: {sorted(map(str, values))} and {hint}"]
        kind = schema.get("type", "string" if "enum" in schema or "const" in schema else None)
        if kind == "array":
            of = get_args(hint)
            return self.differences(schema["items"], of[0], f"{at}[]", types) if of else [f"{at}: a list is no {hint}"]
        if kind == "object":
            return self._object(schema, hint, at, types)
        return [] if hint is PLAIN.get(str(kind)) else [f"{at}: {kind} is no {hint}"]

    def _union(self, schemas: list[Schema], hint: Any, at: str, types: dict[Any, Any] | None) -> list[str]:
        of = set(get_args(hint))
        if NoneType not in of:
            return [f"{at}: may be null, {hint} may not"]
        (schema,) = (each for each in schemas if each.get("type") != "null")
        return self.differences(schema, Union[tuple(of - {NoneType})], at, types)  # noqa: UP007  # made at run time

    def _object(self, schema: Schema, hint: Any, at: str, types: dict[Any, Any] | None) -> list[str]:
        origin, of = get_origin(hint), get_args(hint)
        if not is_typeddict(origin or hint):
            is_map = origin is dict and isinstance(schema.get("additionalProperties"), Mapping)
            values = self.differences(schema["additionalProperties"], of[1], f"{at}{{}}", types) if is_map else []
            return values if origin is dict else [f"{at}: an object is no {hint}"]
        shape = origin or hint
        hints, known = get_type_hints(shape), dict(zip(getattr(shape, "__parameters__", ()), of, strict=True))
        fields, must = schema["properties"], set(schema.get("required", ()))
        found = [f"{at}.{name} is in no type" for name in fields.keys() - hints.keys()]
        found += [f"{at}.{name} is in no answer" for name in hints.keys() - fields.keys()]
        shared = fields.keys() & hints.keys()
        found += [f"{at}.{name} may be missing" for name in (required(shape) - must) & shared]
        return [
            *found,
            *(each for name in sorted(shared) for each in self._field(fields, hints, name, at, known)),
        ]

    def _field(
        self, fields: Schema, hints: Mapping[str, Any], name: str, at: str, known: dict[Any, Any]
    ) -> Iterator[str]:
        yield from self.differences(fields[name], hints[name], f"{at}.{name}", known)
