"""What the API and the gauges show about connectors."""

from __future__ import annotations

from dataclasses import asdict

from app.connectors import breaker, calling, circuits, registry
from app.connectors.breaker import BreakerState
from app.metrics import catalogue as m
from app.metrics.projection import Measure


def listing() -> list[dict[str, object]]:
    """Every connector with its breaker."""
    states = circuits.states()
    return [shown(name, states.get(name, breaker.HEALTHY)) for name in registry.names()]


def describe(name: str) -> dict[str, object]:
    """One connector with its breaker. Raises NoSuchConnector."""
    registry.require_known(name)
    return shown(name, circuits.state_of(name))


def shown(name: str, state: BreakerState) -> dict[str, object]:
    """A connector with its breaker as the API shows it."""
    return {"name": name, **asdict(state), "version": circuits.version_of(state)}


def levels() -> list[Measure]:
    """The gauges of every connector: its breaker's state, and its health as the vendor reports it."""
    measures = []
    for name in registry.names():
        value = breaker.GAUGE_VALUE[circuits.state_of(name).state]
        measures.append(Measure(m.BREAKER_STATE, m.BREAKER_STATE(connector=name), value))
        healthy = int(calling.is_healthy(name))
        measures.append(Measure(m.CONNECTOR_HEALTH, m.CONNECTOR_HEALTH(connector=name), healthy))
    return measures
