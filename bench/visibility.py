"""From an event to its visibility: how long after a request begins Graphite's /render shows what it counts.

Requests come at random moments, whether or not earlier ones are visible yet: probes that wait for each other begin
just after a flush of StatsD, and all see the same wait. Existing series: incidents that are opened. New series: a
deployment of an application that never had one, each named in EUCORA_METRIC_APPLICATIONS, so with series of its own.

`python -m bench.visibility` measures it alone, on a stack of its own.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.demo.calling import connect
from app.demo.rollout import RISK
from app.metrics import catalogue as m
from app.metrics.reading.graphite import Graphite, GraphiteUnavailable
from app.settings import load_settings

Row = tuple[str, str, str]
PROBES = 200
MEAN_GAP = 0.4
"""Seconds between two probes; each gap is up to twice as long."""
POLL_SECONDS = 0.01
GIVE_UP_SECONDS = 30.0
APPLICATIONS = tuple(f"probe-{number:03}" for number in range(PROBES))
ENVIRONMENT = {"EUCORA_METRIC_APPLICATIONS": ",".join(APPLICATIONS)}
"""What the stack must be started with."""
EXISTING = m.INCIDENT_TOTAL.series("count", action="opened", severity="P3")
NEW = tuple(m.APPLICATION_DEPLOYMENTS.series("count", app=name, status="created") for name in APPLICATIONS)


@dataclass
class _Probes:
    """Acts that are carried out at random moments, and the series in which each is awaited."""

    acts: Sequence[Callable[[], object]]
    awaited: Sequence[str]
    begun: list[float] = field(default_factory=list)
    failure: Exception | None = None

    def run(self) -> None:
        """Carry all of them out, one after the other."""
        chance = random.Random(4)  # moments, not secrets
        try:
            for act in self.acts:
                time.sleep(chance.uniform(0, 2 * MEAN_GAP))
                self.begun.append(time.perf_counter())
                act()
        except Exception as error:
            self.failure = error

    def seconds(self, graphite: Graphite) -> list[float]:
        """The time each took to be visible, in ascending order."""
        start, now = int(time.time()) - 1, time.perf_counter()
        running = threading.Thread(target=self.run, daemon=True)
        running.start()
        seen, waits = [False] * len(self.acts), list[float]()
        while len(waits) < len(self.acts):
            # Of a series that is awaited several times the first that is not seen yet is one more than those that are.
            pending = [number for number in range(len(self.begun)) if not seen[number]]
            totals = _shown(graphite, [self.awaited[number] for number in pending], start)
            now = time.perf_counter()
            for number in pending:
                if totals[self.awaited[number]] > self.awaited[:number].count(self.awaited[number]):
                    seen[number] = True
                    waits.append(now - self.begun[number])
                elif now - self.begun[number] > GIVE_UP_SECONDS:
                    raise SystemExit(f"{self.awaited[number]} was not seen within {GIVE_UP_SECONDS:.0f} s.")
            if self.failure is not None:
                raise self.failure
            time.sleep(POLL_SECONDS)
        running.join()
        return sorted(waits)


def _shown(graphite: Graphite, series: Sequence[str], start: int) -> dict[str, float]:
    """What Graphite shows of these series. A refusal shows nothing: it fails on a file that is just being created."""
    wanted = dict.fromkeys(series, 0.0)
    try:
        return graphite.totals(wanted, start, int(time.time()) + 1)
    except GraphiteUnavailable:
        return wanted


def measure(token: str) -> Iterator[Row]:
    """The figures as (what, measured, goal), from the stack of the settings, started with `ENVIRONMENT`."""
    settings = load_settings()
    client, graphite = connect(settings, token), Graphite(settings.graphite_url)

    def incident() -> None:
        client.incidents.open("P3", "a probe")

    def deployment(application: str) -> None:
        client.deployments.create(
            application=application,
            version="1",
            platform="windows",
            artifact_hash="sha256:" + "b" * 64,
            plan="demo",
            risk=RISK,
            scope={"tags": ["nobody"]},
        )

    incident()
    time.sleep(5)  # the series is there, and its first point is before the first probe
    yield from _rows("existing series", 1.2, _Probes([incident] * PROBES, [EXISTING] * PROBES).seconds(graphite))
    acts = [lambda name=name: deployment(name) for name in APPLICATIONS]
    yield from _rows("new series", 2.0, _Probes(acts, NEW).seconds(graphite))


def _rows(which: str, goal: float, ordered: Sequence[float]) -> Iterator[Row]:
    for share, wanted in ((0.5, ""), (0.99, f"≤ {goal:g} s")):
        value = ordered[min(int(len(ordered) * share), len(ordered) - 1)]
        yield f"request → visible in Graphite, {which}, p{share * 100:.0f} of {len(ordered)}", f"{value:.2f} s", wanted


def main() -> None:
    """Measure it on a stack of its own."""
    from bench.stack import new_token, whole_stack

    with whole_stack(ENVIRONMENT):
        for row in measure(new_token()):
            print(*row, sep=" | ", flush=True)


if __name__ == "__main__":
    main()
