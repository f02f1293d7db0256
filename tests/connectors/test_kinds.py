"""Every kind of connector has all its places: folder, layer, section of the page, table of settings (ADR 12)."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from app.connectors import registry

PAGE = Path("docs/connectors.md").read_text()


def section(kind: str) -> str:
    found = re.search(rf"^## Kind `{kind}`$(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/connectors.md has no section about {kind}"
    return found[1]


def default(field: FieldInfo) -> str:
    """A setting's default as the page shows it."""
    return "required" if field.is_required() else f"`{json.dumps(field.get_default(call_default_factory=True))}`"


@pytest.mark.parametrize("kind", registry.KINDS)
def test_it_is_a_folder_in_the_layer_of_vendors(kind: str) -> None:
    assert Path("app/connectors", kind, "__init__.py").exists()
    contracts = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["name"].startswith("Connectors:")]
    (vendors,) = [layer.split(" | ") for layer in layers if "app.connectors.simulated" in layer]
    assert f"app.connectors.{kind}" in vendors


@pytest.mark.parametrize("kind", registry.KINDS)
def test_the_page_lists_it_with_its_settings(kind: str) -> None:
    assert f"\n| [`{kind}`](#kind-{kind}) |" in PAGE
    rows = re.findall(r"^\| `(\w+)`(?: \*)? \| (.+?) \| .+ \|$", section(kind), re.MULTILINE)
    assert rows == [(name, default(field)) for name, field in registry.KINDS[kind].settings.model_fields.items()]


def test_the_page_marks_the_simulated_faults() -> None:
    """What needs EUCORA_SIMULATION is what a faultless profile resets."""
    from app.connectors.simulated.profile import FAULTS

    assert re.findall(r"^\| `(\w+)` \* \|", section("simulated"), re.MULTILINE) == list(FAULTS)
