"""Scopes: one that selects nothing must say everyone, and nothing is both in and out."""

from __future__ import annotations

from typing import Any

import pytest

from app.deployments.rules.scope import as_shown, problems, selects, without

EMPTY: dict[str, Any] = {
    "business_units": [],
    "tags": [],
    "site_classes": [],
    "devices": [],
    "exclude_tags": [],
    "exclude_devices": [],
    "exclude_connectors": [],
}


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ({}, ["everyone"]),
        ({"everyone": False, "tags": []}, ["everyone"]),
        ({"everyone": True}, []),
        ({"tags": ["lab"]}, []),
        ({"business_units": [""]}, []),
        ({"devices": ["LT-1"]}, []),
        ({"site_classes": ["online"], "exclude_devices": ["LT-1"]}, []),
        # What only excludes is still nearly everyone.
        ({"exclude_tags": ["kiosk"]}, ["everyone"]),
        ({"exclude_devices": ["LT-1"]}, ["everyone"]),
        ({"everyone": True, "exclude_tags": ["kiosk"], "exclude_devices": ["LT-1"]}, []),
        ({"everyone": True, "tags": ["lab"]}, ["everyone"]),
        ({"everyone": True, "devices": ["LT-1"]}, ["everyone"]),
        ({"tags": ["lab", "desk"], "exclude_tags": ["kiosk", "desk"]}, ["exclude_tags.1"]),
        ({"devices": ["a", "b"], "exclude_devices": ["b", "c", "a"]}, ["exclude_devices.0", "exclude_devices.2"]),
    ],
)
def test_a_scope_says_clearly_whom_it_is_for(scope: dict[str, Any], fields: list[str]) -> None:
    assert [field for field, _ in problems(scope)] == fields


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        # As earlier versions stored it.
        ({"business_units": [], "tags": [], "site_classes": []}, {**EMPTY, "everyone": True}),
        ({}, {**EMPTY, "everyone": True}),
        ({"tags": ["lab"]}, {**EMPTY, "tags": ["lab"], "everyone": False}),
        ({"everyone": True, "exclude_tags": ["kiosk"]}, {**EMPTY, "exclude_tags": ["kiosk"], "everyone": True}),
    ],
)
def test_a_stored_scope_is_shown_whole(stored: dict[str, Any], expected: dict[str, Any]) -> None:
    assert as_shown(stored) == expected
    assert selects(stored) is not expected["everyone"]


def test_kinds_are_left_out_by_name() -> None:
    assert without({"tags": ["lab"], "exclude_tags": ["kiosk"], "devices": ["a"]}, "tags", "exclude_tags") == {
        "devices": ["a"]
    }
