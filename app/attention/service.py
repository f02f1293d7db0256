"""The whole list, read in one transaction: a fixed number of statements, whatever there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import clock
from app.attention import processes, rollouts, surroundings
from app.attention.items import Kind, Listing, by_need
from app.db import reading


def attention() -> dict[str, Any]:
    """What needs a person now and what is live, with the figures that the tiles of the dashboards show."""
    now = clock.now()
    looked = processes.look(now)  # before the transaction, which waits for nobody
    with reading() as session:
        drift, findings = surroundings.drift(session)
        listings = [
            looked.listing,
            *rollouts.listings(session, looked.behind, now),
            surroundings.incidents(session),
            *surroundings.freezes(session, now),
            surroundings.breakers(session),
            drift,
        ]
        in_order = sorted(listings, key=lambda listing: list(Kind).index(listing.kind))
        return {
            "at": now,
            "figures": {**_figures({listing.kind: listing for listing in listings}), "drift": findings},
            "items": [item.as_json() for item in by_need(listings)],
            "groups": [listing.as_json() for listing in in_order],
        }


def _figures(listings: Mapping[Kind, Listing]) -> dict[str, int]:
    """How many there are, counted as the gauges of the same name count."""
    total = {kind: listing.total for kind, listing in listings.items()}
    return {
        "running": total[Kind.RUNNING],
        "paused": total[Kind.PAUSED] + total[Kind.STALLED] + total[Kind.FAILED_GATE],
        "stalled": total[Kind.STALLED],
        "approval": total[Kind.APPROVAL],
        "incident": total[Kind.INCIDENT],
        "breaker": total[Kind.BREAKER],
    }
