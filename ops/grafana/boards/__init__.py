"""One module for each dashboard; `ops/grafana/build.py` writes them all."""

from __future__ import annotations

from ops.grafana.board import Board
from ops.grafana.boards import operations

BOARDS: tuple[Board, ...] = (operations.BOARD,)
