"""What is written beside the code is there, and says the same."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.connectors.registry import KINDS
from app.connectors.simulated.profile import SimulatedProfile
from app.http import openapi
from app.settings import Settings
from ops.local import ports
from ops.local.ports import Ports

ADDRESS = re.compile(r"https?://|git\+|ssh://", re.IGNORECASE)
FUNDING = re.compile(r'"funding": (\{[^}]*\}|\[[^]]*\]|"[^"]*")')
"""Where authors of npm packages ask for money; nothing is downloaded from there."""
LOCK = re.compile(r"(\.lock|(^|/)package-lock\.json|(^|/)npm-shrinkwrap\.json)$")


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    return found


def version() -> str:
    return str(project()["version"])


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_row(name: str) -> None:
    row = rf"^\| `EUCORA_{name.upper()}` \| .+ \| .+\. \|$"
    assert re.search(row, Path("docs/operations.md").read_text(), re.MULTILINE)


def test_a_setting_that_has_bounds_is_checked() -> None:
    assert all(field.metadata for name, field in Settings.model_fields.items() if name.endswith("_port"))
    assert SimulatedProfile.model_config["extra"] == "forbid"


def test_no_lock_file_holds_a_download_address() -> None:
    locks = [name for name in tracked() if LOCK.search(name)]
    assert locks
    found = [
        f"{name}:{number}"
        for name in locks
        for number, line in enumerate(FUNDING.sub(_lines_only, Path(name).read_text()).splitlines(), start=1)
        if ADDRESS.search(line)
    ]
    assert found == []


def _lines_only(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def test_the_api_has_the_version_of_the_package() -> None:
    assert version() == openapi.VERSION


def test_the_changelogs_newest_version_is_the_packages() -> None:
    found = re.findall(r"^## \[?(\d+\.\d+\.\d+[^\s\]]*)", Path("CHANGELOG.md").read_text(), re.MULTILINE)
    assert found[0] == version()
    assert len(set(found)) == len(found)


def test_the_readme_begins_with_the_connectors_that_exist() -> None:
    introduction = Path("README.md").read_text().split("\n\n")[1]
    assert set(re.findall(r"`(\w+)`", introduction)) == set(KINDS)


def test_the_readme_has_every_port_with_its_variable() -> None:
    found = re.findall(r"`(EUCORA_\w+_PORT)`\s\((\d+)(?:/udp)?\)", Path("README.md").read_text())
    assert dict(found) == {ports.variable(name): str(port) for name, port in Ports().numbers().items()}


def test_the_license_is_the_packages() -> None:
    assert project()["license"] == "Apache-2.0"
    (file,) = project()["license-files"]
    text = Path(file).read_text()
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
