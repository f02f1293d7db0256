"""A connector of each kind for the contract's tests. A new vendor adds one entry to `KINDS`.

The contract publishes and withdraws versions `1.0-a` to `1.0-c` of `vpn` on `windows`, for up to 50 devices `device-0`,
`device-1`, … A vendor's stand-in must know them, let some installations and removals fail, and leave some silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from app.connectors.protocol import Connector
from app.connectors.simulated.connector import SimulatedConnector
from tests.connectors.pulling import pulling
from tests.support.clock import Clock
from tests.support.connectors import PROFILE

Kind = Callable[[Clock], AbstractContextManager[Connector]]
"""A connector for one test, with nothing published yet. Its stand-in follows the test's clock."""


@contextmanager
def simulated(_clock: Clock) -> Iterator[Connector]:
    yield SimulatedConnector(PROFILE)


KINDS: Mapping[str, Kind] = {"pull": pulling, "simulated": simulated}
CANNOT_UNINSTALL = {"pull"}
"""Kinds whose withdrawals fail on every device."""
WAITS_FOR_THE_SILENT = {"pull"}
"""Kinds whose results are never exhausted while a device is silent, which may still ask."""
