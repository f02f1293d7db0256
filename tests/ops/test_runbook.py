"""The runbook: a section for each alert rule, with the same four parts, naming only what exists."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are not among our dependencies
from flask import Flask
from werkzeug.exceptions import HTTPException

from ops.grafana.alerting import __main__ as generator
from ops.grafana.alerting.evaluator import load
from ops.grafana.alerting.rule import anchor
from ops.grafana.boards import BOARDS
from ops.local.paths import CHECKOUT
from tests.support.api import API

RULES = load(generator.FOLDER)
TEXT = (CHECKOUT / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"(?ms)^### (.+?)\n(.*?)(?=^#|\Z)", TEXT))
CODE = re.findall(r"`([^`\n]+)`", TEXT)


def test_every_rule_has_a_section_and_every_section_a_rule() -> None:
    links = [rule["annotations"]["runbook_url"].split("#") for rule in RULES.values()]
    assert {address for address, _ in links} == {"/public/runbook.md"}
    assert sorted(fragment for _, fragment in links) == sorted(anchor(heading) for heading in SECTIONS)
    assert sorted(rule["title"] for rule in RULES.values()) == sorted(SECTIONS)


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_section_has_its_four_parts(heading: str) -> None:
    parts = re.findall(r"^- \*\*(.+?)\*\*: \S", SECTIONS[heading], re.MULTILINE)
    assert parts == ["Means", "Users notice", "Check first", "Do"]


def test_a_section_refers_only_to_existing_sections() -> None:
    quoted = {" ".join(text.split()) for text in re.findall(r"“([^”]+)”", TEXT)}
    unknown = {text for text in quoted if not any(heading.startswith(text) for heading in SECTIONS)}
    assert unknown == {"212 of 500 devices reported"}


def test_grafana_serves_the_runbook_and_reads_the_rules_in_containers() -> None:
    mounts = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]["grafana"]["volumes"]
    assert "./ops/grafana/provisioning:/etc/grafana/provisioning:ro" in mounts
    assert "./docs/runbook.md:/usr/share/grafana/public/runbook.md:ro" in mounts


# -- what it names exists


def option(command: click.Command, name: str) -> bool:
    return any(name in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("line", sorted({text for text in CODE if text.startswith("flask --app wsgi ")}))
def test_a_command_exists(app: Flask, line: str) -> None:
    found: Any = app.cli
    for word in line.removeprefix("flask --app wsgi ").split():
        if isinstance(found, click.Group):
            found = found.commands[word]
        elif word.startswith("--"):
            assert option(found, word), word
    assert not isinstance(found, click.Group)


@pytest.mark.parametrize("line", sorted({text for text in CODE if re.match(r"(GET|POST|PUT) /", text)}))
def test_an_endpoint_exists(app: Flask, line: str) -> None:
    method, path = line.split()
    example = path.partition("?")[0].replace("{id}", "1").replace("{name}", "simulated")
    try:
        app.url_map.bind("localhost").match(API + example, method=method)
    except HTTPException as error:
        pytest.fail(f"{line}: {error}")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake (\w+)", " ".join(CODE)))))
def test_a_make_target_exists(target: str) -> None:
    assert re.search(rf"(?m)^{target}:", (CHECKOUT / "Makefile").read_text())


def test_named_panels_exist() -> None:
    """`the panel A`, `the panels A and B on the … dashboard`."""
    named = re.findall(r"the panels? ([^,.;]+?) on the (\w+)\s+dashboard", " ".join(TEXT.split()))
    assert named
    titles = {
        board.uid.removeprefix("eucora-"): {tile.panel.build().title for row in board.rows for tile in row.tiles}
        for board in BOARDS
    }
    for panels, board in named:
        assert set(panels.split(" and ")) <= titles[board], panels
