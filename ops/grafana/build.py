"""Writes the Grafana dashboards from the metrics catalogue: `python ops/grafana/build.py [--check]`.

With `--check` it writes nothing; it names committed dashboards that are stale and exits 1 if there are any.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from ops.grafana import generated  # noqa: E402  # the checkout is not an installed package: its path comes first
from ops.grafana.board import Board  # noqa: E402  # as above
from ops.grafana.boards import BOARDS  # noqa: E402  # as above

FOLDER = ROOT / "ops" / "grafana" / "dashboards"


def file(board: Board) -> Path:
    """Where a dashboard is committed."""
    return FOLDER / board.file


def committed(uid: str) -> dict[str, Any]:
    """A dashboard as it is committed. Raises KeyError for an unknown uid."""
    board = {board.uid: board for board in BOARDS}[uid]
    dashboard: dict[str, Any] = json.loads(file(board).read_text())
    return dashboard


def panel(uid: str, title: str) -> dict[str, Any]:
    """A panel as it is committed. Raises KeyError for an unknown dashboard or title."""
    panels: dict[str, dict[str, Any]] = {
        panel["title"]: panel for panel in committed(uid)["panels"] if panel["type"] != "row"
    }
    return panels[title]


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or check them; returns the exit code."""
    contents = {file(board): board.render() for board in BOARDS}
    return generated.run(
        contents,
        left_over=set(FOLDER.glob("*.json")) - contents.keys(),
        description="Write the Grafana dashboards from the metrics catalogue.",
        arguments=arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
