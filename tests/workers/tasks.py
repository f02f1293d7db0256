"""Jobs that only tests run, by a real worker."""

from __future__ import annotations

import time


def works_long() -> None:
    time.sleep(60)


def goes_wrong() -> None:
    raise RuntimeError("as it was meant to")


def goes_well() -> None:
    from app.instrumentation import tell_heartbeat

    tell_heartbeat()
