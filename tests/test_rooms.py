"""The rooms of the code: what CONTRIBUTING.md and the import contracts say of them is how they are."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.db import Base, db

CHECKOUT = Path(__file__).parents[1]
APP = CHECKOUT / "app"
MODULES = sorted(APP.rglob("*.py"))
BESIDE_APP = [name for name in ("client", "ops", "workers") if (CHECKOUT / name).is_dir()]
"""Packages beside app/ that are rooms too."""
SOURCES = ("app", "bench", "tests", *BESIDE_APP)
RELEASED = APP / "migrations" / "versions"
"""Migrations that databases have run: history is not edited, and names tables as they were called then."""
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def place(file: Path) -> str:
    return str(file.relative_to(CHECKOUT))


def dotted(file: Path) -> str:
    """A module's name, of a package that of its `__init__`."""
    return ".".join(file.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


def contract(name: str) -> dict[str, Any]:
    """The import contract of that name."""
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = (it for it in contracts if it["name"] == name)
    return dict(found)


def layers() -> list[set[str]]:
    """The rooms of app/, from the top down."""
    found = contract("Rooms: imports go down only")["layers"]
    return [{room.strip().removeprefix("app.") for room in layer.split("|")} for layer in found]


def rooms_of_app() -> set[str]:
    packages = {file.parent.name for file in APP.glob("*/__init__.py")}
    return packages | {file.stem for file in APP.glob("*.py") if file.stem != "__init__"}


def table() -> list[str]:
    """The rooms that CONTRIBUTING.md lists, in its order, as `app/http/`, `app/db.py` or `workers/`."""
    text = (CHECKOUT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|$", text.partition("## The rooms")[2].partition("\n## ")[0], re.MULTILINE)
    assert all(holds for _, holds in rows)
    return [room for rooms, _ in rows for room in re.findall(r"`(.+?)`", rooms)]


def test_every_room_of_the_app_is_in_the_import_contract() -> None:
    assert set().union(*layers()) == rooms_of_app()


def test_the_rooms_that_contributing_lists_are_those_of_the_code() -> None:
    of_app = {f"app/{room}/" if (APP / room).is_dir() else f"app/{room}.py" for room in rooms_of_app()}
    assert Counter(table()) == Counter(of_app | {f"{name}/" for name in BESIDE_APP})


def test_contributing_lists_the_rooms_of_the_app_from_the_top_down() -> None:
    height = {room: number for number, layer in enumerate(layers()) for room in layer}
    listed = [height[Path(room).stem] for room in table() if room.startswith("app/")]
    assert listed == sorted(listed)


def claims(file: Path) -> bool:
    """Whether a module's docstring says that it needs the standard library only."""
    return "Standard library only" in (ast.get_docstring(ast.parse(file.read_text())) or "")


def test_what_claims_to_use_the_standard_library_only_is_under_the_contract() -> None:
    checked = set(contract("What claims to use the standard library only does")["source_modules"])
    claiming = [file for file in MODULES if claims(file)]
    assert len(claiming) > 10
    for file in claiming:
        # A package that is listed is checked with everything in it.
        own = dotted(file).split(".")
        assert checked & {".".join(own[:length]) for length in range(2, len(own) + 1)}, place(file)


def editable() -> list[Path]:
    found = [*CHECKOUT.glob("*.py"), *(file for name in SOURCES for file in (CHECKOUT / name).rglob("*.py"))]
    return sorted(file for file in found if RELEASED not in file.parents)


@pytest.mark.parametrize("file", editable(), ids=place)
def test_no_file_and_no_function_is_long(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"


@pytest.mark.parametrize(
    "file",
    [it for kind in ("js", "css") for it in sorted(APP.rglob(f"static/**/*.{kind}")) if "uplot" not in it.parts],
    ids=place,
)
def test_no_file_of_a_page_is_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST_FILE


TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", re.IGNORECASE)


def strings(file: Path) -> Iterator[str]:
    """Every text in the code, of an f-string the constant parts; docstrings left out."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def owners() -> dict[str, str]:
    """The room whose model is mapped to a table, by the table's name."""
    mapped = {str(mapper.local_table): mapper.class_.__module__ for mapper in Base.registry.mappers}
    assert set(mapped) == set(db.metadata.tables)
    return {name: module.split(".")[1] for name, module in mapped.items()}


def test_no_room_names_another_rooms_table_in_sql(app: Flask) -> None:
    """`{Model.__tablename__}` is how: an import says what is used, and the import contract sees it."""
    owner = owners()
    named = [
        (name, file)
        for file in MODULES
        if RELEASED not in file.parents
        for text in strings(file)
        for name in TABLE.findall(text)
        if name in owner
    ]
    assert named
    assert [(name, place(file)) for name, file in named if owner[name] != dotted(file).split(".")[1]] == []


@pytest.mark.parametrize("file", [file for file in MODULES if file != APP / "db.py"], ids=place)
def test_every_lock_on_rows_is_taken_through_one_function(file: Path) -> None:
    """`db.locked` also reads the rows as they are once they are locked, not as the session remembers them."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Attribute) and node.func.attr == "with_for_update"), node.lineno
            assert "with_for_update" not in {keyword.arg for keyword in node.keywords}, node.lineno
