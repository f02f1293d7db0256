"""One module for each dashboard; `ops/grafana/build.py` writes them all."""

from __future__ import annotations

from ops.grafana.board import Board
from ops.grafana.boards import capacity, connectors, jobs, operations, pipeline, rollouts, slos

BOARDS: tuple[Board, ...] = (
    operations.BOARD,
    rollouts.BOARD,
    slos.BOARD,
    connectors.BOARD,
    jobs.BOARD,
    pipeline.BOARD,
    capacity.BOARD,
)
