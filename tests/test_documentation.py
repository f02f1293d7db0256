"""What is written beside the code is there, and says the same."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from app.connectors.simulated.profile import SimulatedProfile
from app.http import openapi
from app.settings import Settings

ADDRESS = re.compile(r"https?://|git\+|ssh://", re.IGNORECASE)
LOCK = re.compile(r"(\.lock|(^|/)package-lock\.json|(^|/)npm-shrinkwrap\.json)$")


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()


def version() -> str:
    found: str = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
    return found


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
        for number, line in enumerate(Path(name).read_text().splitlines(), start=1)
        if ADDRESS.search(line)
    ]
    assert found == []


def test_the_api_has_the_version_of_the_package() -> None:
    assert version() == openapi.VERSION


def test_the_changelogs_newest_version_is_the_packages() -> None:
    found = re.findall(r"^## \[?(\d+\.\d+\.\d+[^\s\]]*)", Path("CHANGELOG.md").read_text(), re.MULTILINE)
    assert found[0] == version()
    assert len(set(found)) == len(found)
