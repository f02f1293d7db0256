"""`/healthz` and `/readyz`."""

from __future__ import annotations

from client.session import Subject
from client.types import Health as Alive, Readiness


class Health(Subject):
    """Whether the API is alive and ready."""

    def alive(self) -> Alive:
        """The process answers; this asks nothing else."""
        return self._session.probe(Alive, "/healthz")

    def ready(self) -> Readiness:
        """The state of all that the API uses. `status` is `ok` or `unavailable`, which raises no Problem here."""
        return self._session.probe(Readiness, "/readyz", also=(503,))
