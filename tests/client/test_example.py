"""The worked example of docs/api.md runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.client.support import serving
from tests.support.api import make_token

SECTION = re.compile(r"^## Python client\n.*?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"
INVENTORY = "external_id,platform,connector\nlaptop-0007,windows,simulated\nlaptop-0008,windows,nobody\n"


def test_the_example_of_the_documentation_runs(
    database: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = SECTION.search(Path("docs/api.md").read_text())
    assert found is not None
    assert ADDRESS in found[1]
    (tmp_path / "inventory.csv").write_text(INVENTORY)
    monkeypatch.setenv("TOKEN", make_token("operator"))
    monkeypatch.chdir(tmp_path)
    with serving(database.wsgi_app) as url:
        exec(compile(found[1].replace(ADDRESS, url), "docs/api.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("line 3 [{'field': ")
    assert printed[1:] == ["409 illegal-transition", "deployment.created operator"]
