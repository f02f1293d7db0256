"""How long a stack waits for a program that is starting."""

from __future__ import annotations

from dataclasses import replace

from ops.local import patience
from ops.local.patience import Patience, Sighting

START = Sighting(at=100.0, state="RUNNING", pid=7, log_bytes=0, cpu_seconds=0.0)
LONG = int(patience.LIMIT_SECONDS) - 1


def verdicts(*sightings: Sighting) -> list[str]:
    patient = Patience(START)
    return [patient.verdict(seen) for seen in sightings]


def test_a_program_whose_log_grows_is_waited_for() -> None:
    assert not any(verdicts(*(replace(START, at=START.at + n, log_bytes=n // 50) for n in range(LONG))))


def test_a_program_that_computes_without_a_word_is_waited_for() -> None:
    busy = patience.CPU_STEP / patience.STALLED_SECONDS * 1.1
    assert not any(verdicts(*(replace(START, at=START.at + n, cpu_seconds=n * busy) for n in range(LONG))))


def test_a_program_that_idles_is_given_up_after_a_minute() -> None:
    idle = patience.CPU_STEP / patience.STALLED_SECONDS / 10
    found = verdicts(*(replace(START, at=START.at + n, cpu_seconds=n * idle) for n in range(90)))
    assert found.index(next(filter(None, found))) == patience.STALLED_SECONDS + 1
    assert "has done nothing" in found[-1]


def test_progress_is_not_waited_for_without_an_end() -> None:
    (late,) = verdicts(replace(START, at=START.at + patience.LIMIT_SECONDS + 1, log_bytes=1))
    assert "is not ready after 901 s" in late


def test_a_program_that_cannot_start_is_given_up_early_but_not_at_once() -> None:
    backoff = replace(START, state="BACKOFF", pid=0)
    soon, late = (replace(backoff, at=START.at + n) for n in (1, patience.GIVE_UP_SECONDS + 1))
    assert [bool(verdict) for verdict in verdicts(soon, late)] == [False, True]


def test_a_program_that_starts_and_dies_is_given_up_although_its_log_grows() -> None:
    deaths = [replace(START, at=START.at + 10 * n, pid=7 + n, log_bytes=n) for n in range(1, patience.ENDS + 1)]
    found = verdicts(*deaths)
    assert [bool(verdict) for verdict in found] == [False, False, True]
    assert "ends again and again" in found[-1]
