"""Writes the Grafana dashboards from the catalogue: `python ops/grafana/build.py [--check]`.

With `--check` it writes nothing; if a committed dashboard is not what it would write, it names it and exits 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from ops.grafana.board import Board  # noqa: E402  # the checkout is no installed package: its path comes first
from ops.grafana.boards import BOARDS  # noqa: E402  # as above

FOLDER = ROOT / "ops" / "grafana" / "dashboards"


def file(board: Board) -> Path:
    """Where a dashboard is committed."""
    return FOLDER / board.file


def committed(uid: str) -> dict[str, Any]:
    """A dashboard as it is committed. Raises KeyError for a uid that none has."""
    board = {board.uid: board for board in BOARDS}[uid]
    found: dict[str, Any] = json.loads(file(board).read_text())
    return found


def panel(uid: str, title: str) -> dict[str, Any]:
    """A panel as it is committed. Raises KeyError if there is no such dashboard or panel."""
    panels = {panel["title"]: panel for panel in committed(uid)["panels"] if panel["type"] != "row"}
    found: dict[str, Any] = panels[title]
    return found


def stale() -> Iterator[tuple[Path, str | None]]:
    """The files that are not what they should be, each with what it should be; None: it should not be there."""
    wanted = {file(board): board.render() for board in BOARDS}
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            yield path, text
    for path in sorted(FOLDER.glob("*.json")):
        if path not in wanted:
            yield path, None


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the Grafana dashboards from the metrics catalogue.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    found = list(stale())
    if not parser.parse_args(arguments).check:
        FOLDER.mkdir(exist_ok=True)
        for path, text in found:
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        return 0
    for path, _ in found:
        print(f"{path.name} is stale: run `make dashboards` and commit it.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
