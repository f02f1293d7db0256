"""What the stack holds before the first generated request: a small fleet, a rollout, what stops one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from client import Client
from client.types import Risk

DEVICES = 40
IN_LAB = 4
UNDER_WAY = {"planning", "running"}
HARMLESS: Risk = {
    "privilege": 0.1,
    "supply_chain": 0.1,
    "vulnerabilities": 0.1,
    "exploitability": 0.1,
    "data_access": 0.1,
    "operational_complexity": 0.1,
}
SECONDS = 300.0
"""How long a rollout may take."""


def play(client: Client, say: Callable[[str], None]) -> dict[str, int]:
    """Create at least one of everything that has an id; returns the ids of the run's own subject and token."""
    client.devices.register(
        [
            {
                "external_id": f"LT-{number}",
                "platform": "windows",
                "connector": "simulated",
                "business_unit": "Sales",
                "tags": ["lab"] if number < IN_LAB else [],
            }
            for number in range(DEVICES)
        ]
    )
    first = client.deployments.create(
        application="vpn-client",
        version="1.0",
        platform="windows",
        artifact_hash=f"sha256:{hashlib.sha256(b'vpn-client').hexdigest()}",
        plan="demo",
        scope={"everyone": True},
        risk=HARMLESS,
    )
    seen = client.deployments.wait_for(first["id"], until=lambda seen: seen["state"] not in UNDER_WAY, timeout=SECONDS)
    say(f"The rollout is {seen['state']}.")
    back = client.deployments.rollback(first["id"], "It was a try.")
    seen = client.deployments.wait_for(back["id"], until=lambda seen: seen["state"] not in UNDER_WAY, timeout=SECONDS)
    say(f"The rollback is {seen['state']}.")
    client.incidents.open("P3", "Sign-in is slow", deployment_id=first["id"])
    client.freezes.declare("The end of the century", starts_at=datetime(2099, 12, 1, tzinfo=UTC))
    client.emergency_stops.declare("It deletes files", application="vpn-client")
    subject = client.tokens.whoami()["subject"]
    (token,) = (each["id"] for each in client.tokens.each() if each["subject"] == subject)
    (person,) = (each["id"] for each in client.subjects.each() if each["name"] == subject)
    return {"token": token, "subject": person}
