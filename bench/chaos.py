"""Ends, pauses and restarts parts of a running stack, at random but repeatably."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from bench.samples import programs
from ops.local import processes
from ops.local.stack import Stack

BETWEEN = (0.2, 1.6)
"""Seconds between two kills, at random between these."""
PAUSE_SECONDS = 20.0
START_SECONDS = 60.0
"""How long a program may take to be there again before another one is killed instead."""

Tell = Callable[[str], None]


class Chaos:
    """Kills every program of a stack, and the processes that the API and the workers fork, with signal 9.

    Each round kills each of them once, in a new order, whether or not the others have recovered.
    """

    def __init__(self, stack: Stack, seed: int, tell: Tell) -> None:
        self.stack = stack
        self.chance = random.Random(seed)  # which process is next, not a secret
        self.kills: Counter[str] = Counter()
        self.tell = tell

    def targets(self) -> dict[str, Callable[[], int]]:
        """By name: how to find the process, 0 if there is none at the moment."""
        return {name: self._program(name) for name in programs()} | {
            "gunicorn": lambda: self._child("api", 1),
            "gunicorn worker": lambda: self._child("api", 2),
            "job of a bulk worker": lambda: self._child("bulk-worker-1", 1),
            "job of the control worker": lambda: self._child("control-worker", 1),
        }

    def _program(self, name: str) -> Callable[[], int]:
        return lambda: self.stack.pid(name)

    def _child(self, program: str, depth: int) -> int:
        """A process that the program forked, or one that such a process forked, at random."""
        found = [self.stack.pid(program)]
        for _ in range(depth):
            found = [child for pid in found if pid for child in processes.children(pid)]
        return self.chance.choice(found) if found else 0

    def round(self, until: float) -> None:
        """Kill everything once; ends early at `until` on the monotonic clock."""
        targets = self.targets()
        for name in self.chance.sample(sorted(targets), len(targets)):
            if time.monotonic() >= until:
                return
            if self._kill(targets[name]):
                self.kills[name] += 1
            time.sleep(self.chance.uniform(*BETWEEN))

    def _kill(self, find: Callable[[], int]) -> bool:
        """Kill the process as soon as it is there. Whether it was there in time."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            pid = find()
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return True
            time.sleep(0.02)
        return False

    def pause(self, program: str) -> None:
        """Stop a program and everything that it forked for `PAUSE_SECONDS`; then let them go on."""
        self.tell(f"{program} is paused for {PAUSE_SECONDS:.0f} s")
        pid = self.stack.pid(program)
        stopped = [pid, *processes.descendants(pid)]
        for each in stopped:
            processes.send(each, signal.SIGSTOP)
        time.sleep(PAUSE_SECONDS)
        for each in reversed(stopped):
            processes.send(each, signal.SIGCONT)

    def end_supervisor(self) -> None:
        """Kill the supervisor, which leaves its programs running, and start the stack again, as `make up` does."""
        self.tell("the supervisor is killed, and the stack started again")
        pid = processes.read_pid(self.stack.layout.run / "supervisord.pid")
        assert pid, "no supervisor is running"
        os.kill(pid, signal.SIGKILL)
        processes.wait_until(lambda: not processes.is_alive(pid), 10)
        self.stack.start()
        self.kills["supervisor"] += 1
