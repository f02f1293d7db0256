"""Random readings of several tables beside a model in plain Python: states, sequences, cursors, crashes, forgetting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st

from app.connectors import snapshots
from app.connectors.protocol import DeviceResult
from app.connectors.snapshots import SEVERITY, Observation
from tests.connectors.snapshot_support import NOON, everything, states
from tests.support.clock import Clock

DEVICES = st.sampled_from("abcde")
ROWS = st.lists(
    st.builds(
        Observation,
        DEVICES,
        st.sampled_from(list(SEVERITY)),
        st.sampled_from(["", "installed"]),
        st.sampled_from([None, NOON, NOON + timedelta(minutes=1)]),
        st.sampled_from(["", "1603"]),
    ),
    max_size=8,
)
TARGETS = st.sampled_from([("intune", "one"), ("intune", "two"), ("jamf", "one")])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), TARGETS, ROWS, st.none(), st.none()),
        st.tuples(st.just("poll"), TARGETS, ROWS, st.integers(1, 4), st.booleans()),
        st.tuples(st.just("forget"), TARGETS, st.none(), st.none(), st.none()),
    ),
    max_size=25,
)
RUN = count()


@dataclass
class Model:
    """What one reference should do: the last state of each device, when it changed, and what is still to be given."""

    states: dict[str, tuple[Observation, datetime]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    given: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each device: its change that was given last, and the sequence that this had."""
    cursor: str = ""

    def take(self, rows: Sequence[Observation], now: datetime, turn: int) -> None:
        for device in {row.external_id for row in rows}:
            of_device = [row for row in rows if row.external_id == device]
            worst = max(SEVERITY[row.outcome] for row in of_device)
            worst_rows = [row for row in of_device if SEVERITY[row.outcome] == worst]
            newest = sorted(worst_rows, key=lambda row: row.occurred_at or datetime.min.replace(tzinfo=UTC))[-1]
            same_time = [row for row in worst_rows if row.occurred_at == newest.occurred_at]
            state = max(same_time, key=lambda row: (row.reason, row.detail))
            if device not in self.states or self.states[device][0] != state:
                self.states[device] = (state, state.occurred_at or now)
                self.changed[device] = turn
                self.waiting.add(device)

    def check(self, page: Sequence[DeviceResult], limit: int) -> None:
        assert len(page) == min(limit, len(self.waiting))
        last = int(self.cursor or 0)
        turns = [self.changed[result.external_id] for result in page]
        assert turns == sorted(turns)
        for result in page:
            assert result.external_id in self.waiting
            state, at = self.states[result.external_id]
            assert (result.outcome, result.reason, result.occurred_at) == (state.outcome, state.reason, at)
            assert result.sequence > last
            last = result.sequence
            turn, sequence = self.given.get(result.external_id, (0, 0))
            same = turn == self.changed[result.external_id]
            assert result.sequence == sequence if same else result.sequence > sequence
            self.given[result.external_id] = (self.changed[result.external_id], result.sequence)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_snapshots_behave_as_a_dictionary_would(
    database: Flask, clock: Clock, steps: Sequence[tuple[str, tuple[str, str], list[Observation], int, bool]]
) -> None:
    run = next(RUN)
    models: dict[tuple[str, str], Model] = {}
    for turn, (step, (connector, ref), rows, limit, dies) in enumerate(steps, start=1):
        model = models.setdefault((connector, ref), Model())
        vendor = (connector, f"{run}/{ref}")
        clock.advance(60)
        if step == "forget":
            snapshots.forget(*vendor)
            models[(connector, ref)] = Model(given={device: (0, last) for device, (_, last) in model.given.items()})
        elif step == "take":
            snapshots.take(*vendor, rows)
            model.take(rows, clock(), turn)
        else:
            if not model.waiting:
                model.take(rows, clock(), turn)
            page, cursor = snapshots.poll(*vendor, model.cursor, limit, rows)
            model.check(page, limit)
            if not dies:
                model.waiting -= {result.external_id for result in page}
                model.cursor = cursor
    for (connector, ref), model in models.items():
        found = everything(vendor=(connector, f"{run}/{ref}"))
        assert states(found) == {device: state.outcome for device, (state, _) in model.states.items()}
