"""Small ring plans, each with one thing that the engine must respect."""

from __future__ import annotations

from typing import Any


def gate(**fields: Any) -> dict[str, Any]:
    """A gate for a handful of devices."""
    small = {"target": 0.8, "min_reported": 2, "min_coverage": 0.5, "soak_seconds": 3, "error_ceiling": 0.4}
    return {**small, "max_wait_seconds": 7_200, **fields}


def plan(of_first: dict[str, Any] | None = None, of_second: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Three rings: a tag, a third, the rest; `fields` other than `windows` are every gate's."""
    outer = {"windows": fields.pop("windows", [])}
    rings = [
        {"name": "lab", "tag": "lab", "gate": gate(**fields), **(of_first or {})},
        {"name": "some", "share": 35, "gate": gate(**fields), **(of_second or {})},
        {"name": "rest", "gate": gate(**fields)},
    ]
    return {**outer, "silent_after": {"online": 30, "intermittent": 60, "air_gapped": 90}, "rings": rings}


PLANS: dict[str, Any] = {
    "plain": plan(),
    "paced": plan(
        {"devices_per_minute": 3, "gate": gate(validates_rollback=True)}, {"concurrency": 2, "devices_per_minute": 5}
    ),
    "signed": plan({}, {"approval": {"when": "always", "people": 1}}),
    "abort": plan(on_fail="abort"),
    "back": plan(on_fail="rollback"),
    "windows": plan(windows=[{"cron": "0 * * * *", "duration_minutes": 20, "time_zone": "UTC"}]),
}
