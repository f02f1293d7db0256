"""`/attention`."""

from __future__ import annotations

from client.session import Subject
from client.types import Attention


class AttentionList(Subject):
    """What needs a person now, and what is live."""

    def get(self) -> Attention:
        """Everything at one moment, in order of need."""
        return self._session.get(Attention, "/attention")
