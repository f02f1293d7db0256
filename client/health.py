"""`/healthz` and `/readyz`."""

from __future__ import annotations

from client.session import Subject
from client.types import Health as Alive, Readiness


class Health(Subject):
    """Whether the API is alive and ready."""

    def alive(self) -> Alive:
        """Liveness: the process answers. Nothing else is checked."""
        return self._session.probe(Alive, "/healthz")

    def ready(self) -> Readiness:
        """The state of every service the API uses. `status` is `ok` or `unavailable`; neither raises a Problem."""
        return self._session.probe(Readiness, "/readyz", also=(503,))
