"""The simulated fleet of the demo."""

from __future__ import annotations

import random
from collections import Counter

from client import Client

LAB_EVERY = 250


def inventory(devices: int) -> bytes:
    """A CSV inventory of simulated devices; the same number of devices always gives the same file."""
    chance = random.Random(devices)  # noqa: S311  # an inventory, not a secret
    lines = ["external_id,platform,connector,site_class,business_unit,tags,criticality"]
    for number in range(devices):
        site = chance.choices(("online", "intermittent", "air_gapped"), (80, 17, 3))[0]
        unit = chance.choice(("sales", "plants", "finance", "research", "field"))
        criticality = chance.choices(("normal", "high", "critical"), (90, 8, 2))[0]
        tag = "lab" if number % LAB_EVERY == 0 else ""
        lines.append(f"demo-{number:07d},windows,simulated,{site},{unit},{tag},{criticality}")
    return "\n".join(lines).encode() + b"\n"


def register(client: Client, devices: int) -> Counter[str]:
    """Register an inventory of simulated devices; returns the number of lines by status."""
    return Counter(line["status"] for line in client.devices.upload(inventory(devices)))
