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
        """How everything that the API needs is; `status` is `ok` or `unavailable`, which is no Problem here."""
        return self._session.probe(Readiness, "/readyz", also=(503,))
