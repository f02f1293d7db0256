"""What the whole run left in Graphite, compared with the catalogue: nothing declared stays silent, nothing else speaks.

Every stack's stored series are noted here before the stack is removed. At the end of a run of the whole suite, a
metric that is declared and of which no series was stored is named, and so is a series that is not declared; both fail
the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from app.metrics.catalogue import METRICS, PREFIX, Kind, Metric
from ops.local.stack import Stack

OURS = tuple(f"stats.{kind.value}.{PREFIX}." for kind in Kind)
FOREIGN = (f"stats.{kind.value}.{PREFIX}.{name}." for kind in Kind for name in ("external", "test"))
NOT_OURS = tuple(FOREIGN)
"""What tests push themselves: other programs' names, and names under `test`."""

_stored: set[str] = set()


def remember(stack: Stack) -> None:
    """Note which series this stack's carbon has stored."""
    folder = stack.layout.graphite / "whisper"
    for file in folder.glob(f"stats/*/{PREFIX}/**/*.wsp"):
        _stored.add(".".join(file.relative_to(folder).with_suffix("").parts))


def silent(stored: Iterable[str]) -> list[str]:
    """The names of the declared metrics of which nothing was stored."""
    spoken = {metric.name for series in stored for metric in _matching(series)}
    return [metric.name for metric in METRICS if metric.name not in spoken]


def undeclared(stored: Iterable[str]) -> list[str]:
    """The stored series that no metric of the catalogue can have."""
    ours = (series for series in stored if series.startswith(OURS) and not series.startswith(NOT_OURS))
    return sorted(series for series in ours if not any(_matching(series)))


def _matching(series: str) -> Iterator[Metric]:
    nodes = series.split(".")
    for metric in METRICS:
        pattern = metric.series("").split(".")
        aspects = len(nodes) - len(pattern)
        if (aspects == 0) != (metric.kind is Kind.GAUGE) or aspects < 0:
            continue
        if metric.kind is Kind.COUNTER and nodes[-1] != "count":
            continue
        path = metric.path.split(".")
        if nodes[:3] == pattern[:3] and all(map(_fits, path, nodes[3:], [metric] * len(path))):
            yield metric


def _fits(declared: str, node: str, metric: Metric) -> bool:
    if not declared.startswith("{"):
        return declared == node
    values = metric.labels[declared[1:-1]]
    return not values or node in values


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker process of the run noted."""
    _stored.update(getattr(node, "workeroutput", {}).get("series", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker: hand on what it noted. At the end of the whole run: compare."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["series"] = sorted(_stored)
        return
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    whole = config.args == config.getini("testpaths") and not config.option.keyword and not config.option.markexpr
    if not whole or config.option.collectonly:
        return
    faults = [f"declared and never emitted in this run: {name}" for name in silent(_stored)]
    faults += [f"emitted and not declared: {series}" for series in undeclared(_stored)]
    for fault in faults:
        reporter.write_line(fault, red=True)
    if faults and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
