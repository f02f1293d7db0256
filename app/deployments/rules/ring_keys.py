"""The keys that metric paths have for the rings of a plan, whose names people choose. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

from app.vocabulary import RING_KEYS


def ring_keys(names: Sequence[str]) -> list[str]:
    """A key of its own for each ring name of a plan, in the plan's order.

    A ring whose name is a key, in upper or lower case, has that key. Each of the others takes the first free key after
    that of the ring before it, or the first free one of all. So keys sort as the plan does wherever that is possible.
    """
    by_name: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name not in RING_KEYS):  # of `lab` and `LAB`, `lab` has the key
        if name.lower() in RING_KEYS and name.lower() not in by_name.values():
            by_name[name] = name.lower()
    free = [key for key in RING_KEYS if key not in by_name.values()]
    before = -1
    for name in names:
        if name not in by_name:
            by_name[name] = next((key for key in free if RING_KEYS.index(key) > before), free[0])
            free.remove(by_name[name])
        before = RING_KEYS.index(by_name[name])
    return [by_name[name] for name in names]
