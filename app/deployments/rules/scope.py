"""The scope of a deployment: which devices it may reach. Standard library only.

What selects devices is joined: a device must match one value of each kind that is given. What excludes devices is
stronger than what selects them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SELECTING = ("business_units", "tags", "site_classes", "devices")
"""The kinds that choose devices. Without any of them, a scope is every device, and must say `everyone`."""
EXCLUDING = {"exclude_tags": "tags", "exclude_devices": "devices", "exclude_connectors": "connectors"}
"""The kinds that leave devices out, each with the kind that it must not contradict, if there is such a kind."""
KINDS = (*SELECTING, *EXCLUDING)

ScopeProblem = tuple[str, str]
"""A field of a scope, and what is wrong with it."""


def selects(scope: Mapping[str, Any]) -> bool:
    """Whether a scope chooses devices by anything."""
    return any(scope.get(kind) for kind in SELECTING)


def as_shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored scope with every field. One of an older version without a selection means everyone."""
    return {"everyone": not selects(stored), **{kind: list(stored.get(kind) or ()) for kind in KINDS}}


def without(scope: Mapping[str, Any], *kinds: str) -> dict[str, Any]:
    """The scope as if these kinds were not given."""
    return {kind: values for kind, values in scope.items() if kind not in kinds}


def problems(scope: Mapping[str, Any]) -> list[ScopeProblem]:
    """Why a requested scope is not clear: each offending field with what is wrong."""
    return list(_problems(scope))


def _problems(scope: Mapping[str, Any]) -> Iterator[ScopeProblem]:
    everyone, selected = bool(scope.get("everyone")), [kind for kind in SELECTING if scope.get(kind)]
    if not everyone and not selected:
        yield "everyone", f"must be true unless the scope selects devices by {', '.join(SELECTING[:-1])} or devices"
    if everyone and selected:
        yield "everyone", f"cannot be combined with {', '.join(selected)}, which select devices"
    for excluding, selecting in EXCLUDING.items():
        included = set(scope.get(selecting) or ())
        for place, value in enumerate(scope.get(excluding) or ()):
            if value in included:
                yield f"{excluding}.{place}", f"is also in {selecting}"
