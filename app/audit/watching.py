"""The watch of a server's process: one thread that looks at the event log for every request that waits or streams.

It asks for the newest id four times a second while there are guests, and reads each new event once for all of them, in
one short transaction. It needs neither Redis nor StatsD. While the database does not respond, guests are kept, and
waits that end are handed back to be answered as any request is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import clock
from app.audit import waits
from app.audit.streams import Stream
from app.audit.waits import Wait
from app.db import db
from app.events.followers import Follower, newest
from app.events.unit import CommittedEvent
from app.http.parking import Delivery, Guest, Server
from app.identity import lookup

EVERY = 0.25
"""Seconds between two looks."""
TOKENS_EVERY = 5.0
"""Seconds after which tokens are looked up again; what the log says of tokens counts at once."""
_LOG = Follower(name="watch", batch=500)
_ROTATIONS = Follower(name="watch", batch=500, types=frozenset({"token.rotated"}))
_OF_TOKENS = ("token.", "session.", "subject.")

log = structlog.get_logger()


class Watch:
    """The guests of one process."""

    def __init__(self, app: Flask, server: Server) -> None:
        self._app, self._server = app, server
        self._guests: dict[Guest, None] = {}
        self._come: list[Guest] = []
        self._has_come = threading.Condition()
        self._head: int | None = None
        self._tokens_checked = 0.0
        self._responds = True
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def add(self, guest: Guest) -> None:
        """Look after a guest until it is delivered or gone."""
        with self._has_come:
            self._come.append(guest)
            self._has_come.notify()

    def _run(self) -> None:
        while True:
            self._receive()
            try:
                is_behind = self._look()
            except Exception:
                log.exception("the watch failed")
                is_behind = False
            if not is_behind:
                time.sleep(EVERY)

    def _receive(self) -> None:
        """Take in who has come; sleep while there is nobody."""
        with self._has_come:
            if not self._guests and not self._come:
                self._head = None
                self._has_come.wait()
            come, self._come = self._come, []
        for guest in come:
            self._guests[guest] = None
            if isinstance(guest, Wait) and (self._head is None or guest.after < self._head):
                guest.note([guest.deployment_id], surroundings=False)

    def _look(self) -> bool:
        """Look once; whether there is more to read at once."""
        now = time.monotonic()
        self._guests = {guest: None for guest in self._guests if not guest.is_gone}
        if not self._guests:
            return False
        is_behind = False
        try:
            with self._app.app_context():
                is_behind, deliveries = self._read(db.session(), now)
            self._responds = True
        except (DBAPIError, PoolTimeout) as error:
            if self._responds:
                log.warning("requests wait, and the database does not respond", error=str(error).partition("\n")[0])
            self._responds = False
            deliveries = [*self._ended(now), *self._alive(now)]
        for guest, data, is_last in deliveries:
            if isinstance(guest, Stream) and data:
                guest.given += len(data)
            if data is None or is_last:
                self._guests.pop(guest, None)
        if deliveries:
            self._server.deliver(deliveries)
        return is_behind

    def _read(self, session: Session, now: float) -> tuple[bool, list[Delivery]]:
        head = newest(session)
        before = head if self._head is None else self._head
        events = _LOG.read(session, before, head) if head > before else []
        if len(events) == _LOG.batch:
            head = events[-1].id
        over = self._ended(now)
        streams, waiting = self._streams(), [guest for guest in self._guests if isinstance(guest, Wait)]
        woken = [Delivery(wait) for wait in waits.due(session, waiting, events, now) if now < wait.until]
        refused = self._refused(session, streams, events, now)
        self._head = head
        accepted = [stream for stream in streams if stream not in refused]
        sent = [*self._sent(session, accepted, events, before, now), *self._alive(now)]
        is_behind = len(events) == _LOG.batch or any(
            stream.position < self._head and not stream.is_busy for stream in accepted
        )
        return is_behind, [*over, *woken, *sent, *(Delivery(stream, b"", is_last=True) for stream in refused)]

    def _sent(
        self, session: Session, streams: Sequence[Stream], events: Sequence[CommittedEvent], before: int, now: float
    ) -> list[Delivery]:
        """What streams get: the new events, or of those that are behind, a page of what they miss."""
        assert self._head is not None
        sent = []
        for stream in streams:
            if stream.is_busy:
                continue  # it reads on from its position once its client has taken what it was given
            if stream.position >= before:
                data = stream.follow(session, events, self._head, now)
            else:
                data = stream.next_page(session, self._head, now)
            if data:
                sent.append(Delivery(stream, data))
        return sent

    def _ended(self, now: float) -> list[Delivery]:
        """What has lasted as long as it was to."""
        over = [Delivery(guest) for guest in self._guests if isinstance(guest, Wait) and now >= guest.until]
        return [*over, *(Delivery(stream, b"", is_last=True) for stream in self._streams() if stream.is_over(now))]

    def _alive(self, now: float) -> list[Delivery]:
        beats = [(stream, stream.heartbeat(now)) for stream in self._streams() if not stream.is_busy]
        return [Delivery(stream, beat) for stream, beat in beats if beat]

    def _refused(
        self, session: Session, streams: Sequence[Stream], events: Sequence[CommittedEvent], now: float
    ) -> set[Stream]:
        """The streams whose token has ended."""
        come = [stream for stream in streams if stream.is_new]
        missed = _ROTATIONS.read(session, min(stream.opened_at for stream in come)) if come else []
        ended = {stream for stream in streams if _has_rotated(stream, [*missed, *events])}
        for stream in come:
            stream.is_new = False
        is_said = any(event.type.startswith(_OF_TOKENS) for event in events)
        if streams and (come or is_said or now - self._tokens_checked >= TOKENS_EVERY):
            self._tokens_checked = now
            accepted = lookup.still_accepted(session, {stream.token_id for stream in streams}, clock.now())
            ended |= {stream for stream in streams if stream.token_id not in accepted}
        return ended

    def _streams(self) -> list[Stream]:
        return [guest for guest in self._guests if isinstance(guest, Stream)]


def _has_rotated(stream: Stream, events: Sequence[CommittedEvent]) -> bool:
    """Whether the token has got another secret since the stream was opened."""
    return any(
        event.type == "token.rotated"
        and event.id > stream.opened_at
        and event.payload.get("token_id") == stream.token_id
        for event in events
    )
