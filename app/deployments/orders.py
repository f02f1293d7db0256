"""The order for a command to some of a ring's waiting devices, of rollouts, rollbacks and late returns alike."""

from __future__ import annotations

from app.commands.service import Order
from app.commands.states import Purpose
from app.deployments.models import Ring
from app.deployments.rules.rings import Lot

COMMAND_SIZE = 5_000
"""Devices in one command: delivering one takes well under a second, whatever the ring's size."""


def take(ring: Ring, lot: Lot, size: int, purpose: Purpose = Purpose.ROLLOUT) -> Order:
    """Take waiting devices of the lot out of the ring's counts, and order their command."""
    return Order(
        deployment_id=ring.deployment_id,
        ring_id=ring.id,
        ring=ring.key,
        connector=lot.connector,
        verb=lot.verb,
        purpose=purpose,
        release_id=lot.release_id,
        size=size,
        parts=(lot.verb, ring.take(lot, size)),
    )
