"""Where tests keep what they share: helpers in tests/support, fixtures in conftest.py, and neither in a test."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
CONFTESTS = [file for file in FILES if file.name == "conftest.py"]


def name(file: Path) -> str:
    return str(file.relative_to(TESTS))


def imported(file: Path) -> Iterator[str]:
    """The dotted names of the modules, and of what is taken from them, that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_nothing_is_imported_from_a_test_or_from_another_packages_conftest(file: Path) -> None:
    own = ".".join(["tests", *file.parent.relative_to(TESTS).parts, "conftest"])
    for module in imported(file):
        assert not module.startswith("."), f"{module} is relative"
        nodes = module.split(".")
        if nodes[0] == "tests":
            assert not [node for node in nodes if node.startswith("test_")], module
            assert "conftest" not in nodes or module.startswith(f"{own}."), module


def is_fixture(function: ast.FunctionDef) -> bool:
    """Whether pytest takes it: by its decorator or, as a hook, by its name."""
    return function.name.startswith("pytest_") or any(
        ast.unparse(it).startswith("pytest.fixture") for it in function.decorator_list
    )


@pytest.mark.parametrize("file", CONFTESTS, ids=name)
def test_a_conftest_holds_fixtures_and_nothing_to_import(file: Path) -> None:
    for node in ast.parse(file.read_text()).body:
        assert not isinstance(node, ast.ClassDef), f"{node.name} belongs into tests/support"
        if isinstance(node, ast.FunctionDef):
            assert is_fixture(node), f"{node.name} belongs into tests/support"


ELSEWHERE = {"support", "e2e", "invariants"}
"""Folders of tests that are not about one package."""


def packages() -> Iterator[Path]:
    """The folders of tests, relative to tests/."""
    for folder in {file.parent for file in FILES if file.name.startswith("test_")}:
        yield folder.relative_to(TESTS)


def test_the_folders_of_tests_are_those_of_the_code() -> None:
    checkout = TESTS.parent
    for package in packages():
        if package.parts and package.parts[0] not in ELSEWHERE:
            assert (checkout / "app" / package).is_dir() or (checkout / package).is_dir(), f"tests/{package}"


def test_modules_of_tests_have_names_of_their_own() -> None:
    """Pytest imports them by these; the second one of the same name is not run."""
    names = Counter(file.name for file in Path("tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
