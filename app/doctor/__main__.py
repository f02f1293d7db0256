"""`python -m app.doctor`: the same as `flask doctor`; also works with settings the app cannot start with."""

from __future__ import annotations

import sys

from rich.console import Console

from app.doctor.examination import main

if __name__ == "__main__":
    console = Console()
    sys.exit(main(console if console.is_terminal else Console(width=120)))
