"""The visibility of events: the time from the start of a request until Graphite's /render shows its count.

Requests are sent at random moments, whether or not earlier ones are visible yet. Probes that waited for each other
would all start just after a flush of StatsD and see the same wait. Existing series: opened incidents. New series: the
first deployment of an application, each named in EUCORA_METRIC_APPLICATIONS and so with series of its own.

`python -m bench.visibility` measures only this, on a separate stack.
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

Figure = tuple[str, str, str]
PROBES = 200
MEAN_GAP = 0.4
"""The average number of seconds between two probes; each gap is random, up to twice as long."""
POLL_SECONDS = 0.01
GIVE_UP_SECONDS = 30.0
APPLICATIONS = tuple(f"probe-{number:03}" for number in range(PROBES))
ENVIRONMENT = {"EUCORA_METRIC_APPLICATIONS": ",".join(APPLICATIONS)}
"""The settings that the stack must be started with."""
EXISTING = m.INCIDENT_TOTAL.series("count", action="opened", severity="P3")
NEW = tuple(m.APPLICATION_DEPLOYMENTS.series("count", app=name, status="created") for name in APPLICATIONS)


@dataclass
class _Probes:
    """Actions that run at random moments, and the series in which each must become visible."""

    acts: Sequence[Callable[[], object]]
    awaited: Sequence[str]
    started: list[float] = field(default_factory=list)
    failure: Exception | None = None

    def run(self) -> None:
        """Run all actions, one after the other."""
        chance = random.Random(4)  # delays, not secrets
        try:
            for act in self.acts:
                time.sleep(chance.uniform(0, 2 * MEAN_GAP))
                self.started.append(time.perf_counter())
                act()
        except Exception as error:
            self.failure = error

    def seconds(self, graphite: Graphite) -> list[float]:
        """The seconds until each action was visible, in ascending order."""
        start, now = int(time.time()) - 1, time.perf_counter()
        running = threading.Thread(target=self.run, daemon=True)
        running.start()
        visible, waits = [False] * len(self.acts), list[float]()
        while len(waits) < len(self.acts):
            # The nth action of a series is visible once the total of the series has reached n.
            pending = [number for number in range(len(self.started)) if not visible[number]]
            totals = _totals(graphite, [self.awaited[number] for number in pending], start)
            now = time.perf_counter()
            for number in pending:
                if totals[self.awaited[number]] > self.awaited[:number].count(self.awaited[number]):
                    visible[number] = True
                    waits.append(now - self.started[number])
                elif now - self.started[number] > GIVE_UP_SECONDS:
                    raise SystemExit(f"{self.awaited[number]} was not visible within {GIVE_UP_SECONDS:.0f} s.")
            if self.failure is not None:
                raise self.failure
            time.sleep(POLL_SECONDS)
        running.join()
        return sorted(waits)


def _totals(graphite: Graphite, series: Sequence[str], start: int) -> dict[str, float]:
    """The totals of these series in Graphite; zeros if it fails, as it does while a file is being created."""
    zeros = dict.fromkeys(series, 0.0)
    try:
        return graphite.totals(zeros, start, int(time.time()) + 1)
    except GraphiteUnavailable:
        return zeros


def measure(token: str) -> Iterator[Figure]:
    """The figures as (what, measured, goal), from the configured stack, which was started with `ENVIRONMENT`."""
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
    time.sleep(5)  # the series exists, and its first point is before the first probe
    yield from _figures("existing series", 1.2, _Probes([incident] * PROBES, [EXISTING] * PROBES).seconds(graphite))
    acts = [lambda name=name: deployment(name) for name in APPLICATIONS]
    yield from _figures("new series", 2.0, _Probes(acts, NEW).seconds(graphite))


def _figures(which: str, goal: float, ordered: Sequence[float]) -> Iterator[Figure]:
    for share, limit in ((0.5, ""), (0.99, f"≤ {goal:g} s")):
        value = ordered[min(int(len(ordered) * share), len(ordered) - 1)]
        yield f"request → visible in Graphite, {which}, p{share * 100:.0f} of {len(ordered)}", f"{value:.2f} s", limit


def main() -> None:
    """Measure only the visibility, on a separate stack."""
    from bench.stack import new_token, whole_stack

    with whole_stack(ENVIRONMENT):
        for figure in measure(new_token()):
            print(*figure, sep=" | ", flush=True)


if __name__ == "__main__":
    main()
