"""What commands share: the console, the option type for times in the past, the exit when something cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, NoReturn

import click
from rich.console import Console

from app import clock


class PastTime(click.ParamType[datetime]):
    """A time in the past: how long ago (`90s`, `30m`, `6h`, `7d`), or ISO-8601 (UTC if it has no offset)."""

    name = "time"
    _SECONDS: ClassVar[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time in UTC. Fails for any other text."""
        if isinstance(value, datetime):
            return value
        if value[:-1].isdecimal() and value[-1] in self._SECONDS:
            return clock.now() - timedelta(seconds=int(value[:-1]) * self._SECONDS[value[-1]])
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a time: write how long ago (90s, 30m, 6h, 7d) or 2026-01-31T12:00:00Z.", param, ctx
            )
        return at if at.tzinfo else at.replace(tzinfo=UTC)


def console() -> Console:
    """The console of the terminal; 120 columns wide if the output goes to a file or a pipe."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=120)


def unreadable(why: str) -> NoReturn:
    """Exit with 2: something that the command needs cannot be read."""
    click.echo(f"Error: {why}", err=True)
    raise SystemExit(2)
