"""Waits until the database has the schema of this version: `python -m ops.compose.migrated`.

For orchestrators that start the program and its migration at the same time.
"""

from __future__ import annotations

import time

from app.factory import create_app
from app.http.health import database_state

SECONDS = 1.0
"""Between two looks."""


def main() -> None:
    """Return when the schema is this version's; print each state until then."""
    printed = ""
    with create_app().app_context():
        while (state := database_state()) != "ok":
            if state != printed:
                print(f"waiting for the database: {state}", flush=True)
                printed = state
            time.sleep(SECONDS)


if __name__ == "__main__":
    main()
