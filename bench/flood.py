"""What an operator's GET takes while one reporter sends as much as it can, and without that reporter.

`python -m bench.flood` alternates quiet and flooded seconds on one stack with the shipped limits; the reporter is a
process of its own with 32 connections, on the same machine. It is a broken agent: it says without end that its device
is installing, each time as a new report, which is valid and stored. `--unlimited` shows what the limits are for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter

import httpx

from bench.closed_loop import FRESH, request, sending
from bench.stack import UNLIMITED, measured_apart, new_token, whole_stack

Figure = tuple[str, str, str]
CONNECTIONS = 32
ROUNDS, SECONDS, PACE = 6, 5.0, 20.0
"""Rounds of so many quiet and so many flooded seconds, with so many GETs a second."""
DEVICE = {"external_id": "flood-1", "platform": "macos", "connector": "simulated"}
RELEASE = {"application": "flood", "version": "1", "platform": "macos", "artifact_hash": "sha256:" + "f" * 64}
SHIPPED = {"EUCORA_TOKEN_RATE": "100/second", "EUCORA_ADDRESS_RATE": "50/second"}
GOAL = 3.0


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.flood")


def main() -> None:
    """Measure on a separate stack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unlimited", action="store_true", help="without the limits")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    with whole_stack(UNLIMITED if options.unlimited else SHIPPED) as stack:
        figures = _measure(stack.ports.api)
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _measure(port: int) -> list[Figure]:
    operator = new_token()
    reporter = new_token("--subject", "agent", "--role", "reporter", "--device", str(DEVICE["external_id"]))
    quiet: list[float] = []
    flooded: list[float] = []
    answers: Counter[str] = Counter()
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {operator}"}, timeout=60
    ) as client:
        report = _report(client, reporter)
        _paced(client, SECONDS)  # warm
        for _ in range(ROUNDS):
            quiet += _paced(client, SECONDS)
            with sending(port, CONNECTIONS, SECONDS, report) as flood:
                flooded += _paced(client, SECONDS - 0.5)
                answers.update(flood.answers().statuses)
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(answers.items()))
    ratio = _p99(flooded) / _p99(quiet)
    return [
        ("flood by one reporter, answers", told, ""),
        ("operator's GET, p50, quiet and flooded", f"{_ms(_p50(quiet))}, {_ms(_p50(flooded))}", ""),
        (
            "operator's GET, p99, quiet and flooded",
            f"{_ms(_p99(quiet))}, {_ms(_p99(flooded))}: {ratio:.1f} times",
            f"≤ {GOAL:.0f} times",
        ),
    ]


def _report(client: httpx.Client, reporter: str) -> bytes:
    """Plan a deployment that dispatches nothing; what the device's agent reports about it."""
    client.post("/api/v1/devices", json=[DEVICE]).raise_for_status()
    client.post("/api/v1/freezes", json={"reason": "measuring"}).raise_for_status()
    body = {**RELEASE, "plan": "demo", "scope": {"everyone": True}}
    path = f"/api/v1/deployments/{client.post('/api/v1/deployments', json=body).raise_for_status().json()['id']}"
    while (deployment := client.get(path).raise_for_status().json())["state"] == "planning":
        time.sleep(0.2)
    row = {"deployment_id": deployment["id"], "external_id": DEVICE["external_id"], "outcome": "installing"}
    return request("POST", "/api/v1/reports", reporter, json.dumps([{**row, "sequence": int(FRESH)}]).encode())


def _paced(client: httpx.Client, seconds: float) -> list[float]:
    """Seconds of each GET, at a steady pace."""
    taken, begun = [], time.monotonic()
    while (now := time.monotonic()) < begun + seconds:
        client.get("/api/v1/deployments?limit=50").raise_for_status()
        taken.append(time.monotonic() - now)
        time.sleep(max(begun + len(taken) / PACE - time.monotonic(), 0))
    return taken


def _p50(taken: list[float]) -> float:
    return statistics.median(taken)


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
