"""Writes points with carbon's plaintext line protocol; for repairs only, all other metrics go through StatsD."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import NamedTuple

from app.addresses import authority
from app.errors import Unavailable


class CarbonPoint(NamedTuple):
    """One value of one series at an epoch second."""

    series: str
    at: int
    value: float


class CarbonUnavailable(Unavailable):
    type = "carbon-unavailable"
    title = "carbon does not respond"


class Carbon:
    """A client of carbon's line receiver."""

    def __init__(self, host: str, port: int, timeout: float = 10.0) -> None:
        self._address, self._timeout = (host, port), timeout

    def send(self, points: Iterable[CarbonPoint]) -> None:
        """Write the points over one connection and return when carbon has read them; it stores them later.

        Raises CarbonUnavailable if it cannot be reached or closes the connection early.
        """
        lines = "".join(f"{point.series} {point.value!r} {point.at}\n" for point in points)
        try:
            with socket.create_connection(self._address, self._timeout) as connection:
                connection.sendall(lines.encode())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):  # it sends nothing, and closes the connection after the last line
                    pass
        except OSError as error:
            raise CarbonUnavailable(
                f"carbon at {authority(*self._address)}: {error}. Check EUCORA_CARBON_HOST and EUCORA_CARBON_PORT."
            ) from error
