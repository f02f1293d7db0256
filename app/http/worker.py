"""gunicorn's worker with threads, changed in five ways: threads never wait for slow clients nor for what a request
waits for (`parking.py`), one caller's requests take a quarter of them (`turns.py`), health has a thread of its own, and
refusals are problem documents.

The main loop collects what arrives (`arrival.py`) and hands over a request that need not be waited for. Of a large
body a thread reads the rest; half the threads may wait for such clients, each as long as `arrival.patience` allows.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.http import arrival, parking
from app.http.arrival import Arrival
from app.http.lot import Lot
from app.http.parking import Delivery, Guest, Parked, Visit
from app.http.refusals import TOO_SLOW, Refusal, SlowClient, refusal
from app.http.turns import Turns, caller_of

SHORT_WAIT = 0.25
"""Seconds for which any thread may wait for more of a body."""
SEND_SECONDS = 30.0
"""Seconds after which a client that does not take its answer is given up."""
LINGER_SECONDS = 2.0
"""Seconds for which a closed connection still takes what the client was sending, so that it sees the answer."""
LINGER_BYTES = 4 * 1024 * 1024
_CHECK_SECONDS = 0.5
_HEALTH = re.compile(rb"(?:GET|HEAD) (?:/api/v1)?/healthz/?[ ?]")


class PatientReader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Reads what a client sends while a thread waits for it, within limits."""

    def __init__(self, connected: socket.socket, waiting: BoundedSemaphore, step_aside: Callable[[], None]) -> None:
        super().__init__(connected)
        self._waiting, self._step_aside = waiting, step_aside
        self._received, self._waited, self._waits = 0, 0.0, True

    def begin(self, collected: bytes) -> None:
        """Start a request with what the main loop collected of it."""
        self._received, self._waited, self._waits = len(collected), 0.0, True
        self.unread(collected)

    def stop_waiting(self) -> None:
        """From now on, read only what is here."""
        self._waits = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What comes next. Raises SlowClient."""
        began = time.monotonic()
        if not self._is_readable(SHORT_WAIT if self._waits else 0.0):
            if not self._waits or not self._waiting.acquire(blocking=False):
                raise SlowClient("too many clients send too slowly")
            self._step_aside()  # the wait is bounded already; the caller's other requests go on
            try:
                remaining = min(arrival.patience(self._received) - self._waited, arrival.PAUSE) - SHORT_WAIT
                if not self._is_readable(max(remaining, 0.0)):
                    raise SlowClient("the client sends too slowly")
            finally:
                self._waiting.release()
        self._waited += time.monotonic() - began
        data: bytes = super().chunk(size_hint)
        self._received += len(data)
        return data

    def _is_readable(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(seconds))


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A client's connection and what has arrived of its next request."""

    def __init__(self, cfg: Config, connected: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, connected, client, server)
        self.arrival = Arrival(time.monotonic())
        self.lingers_until = 0.0
        self.drained = 0
        self.request: Any = None
        self.visit: Visit | None = None
        self.caller: bytes | None = None
        """Whose turn the request has or waits for."""

    parser: Any

    def prepare(self, waiting: BoundedSemaphore, step_aside: Callable[[], None]) -> None:
        """Hand what was collected to the parser; called in the thread that takes the request."""
        self.sock.settimeout(SEND_SECONDS)
        if self.parser is None:
            self.parser = get_parser(self.cfg, self.sock, self.client)
            self.parser.unreader = PatientReader(self.sock, waiting, step_aside)
            self.initialized = True
        self.parser.unreader.begin(bytes(self.arrival.received))
        self.arrival.received.clear()

    def leave(self) -> None:
        """The request is over."""
        if self.visit is not None:
            self.visit.leave()
        self.visit = self.request = None


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The worker of `gunicorn.conf.py`. It speaks HTTP/1.1 without TLS, which belongs to the proxy in front of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arriving: dict[Connection, None] = {}
        self.lingering: dict[Connection, None] = {}
        self._waiting = BoundedSemaphore(max(1, self.cfg.threads // 2))
        self._checked = 0.0
        self.lot = Lot(self, self.cfg.threads)
        self.turns: Turns[Connection] = Turns(max(1, self.cfg.threads // 4))

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Refuse TLS, whose bytes cannot be collected before they are decrypted."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise SystemExit("This server does not speak TLS. Put a proxy in front of it; see ops/proxy/nginx.conf.")

    def init_process(self) -> None:
        """Start the thread that answers health checks, whatever the others do."""
        self._health = ThreadPoolExecutor(1)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and collect its first request."""
        try:
            connected, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, connected, address, listener.getsockname())
        self._collect(connection)

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """A kept connection has the next request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._collect(conn)

    def _collect(self, conn: Connection, already: bytes = b"") -> None:
        conn.arrival = Arrival(time.monotonic())
        conn.sock.setblocking(False)
        self.arriving[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_arrival, conn))
        if already and conn.arrival.add(already):
            self._hand_over(conn)
        elif not already:
            self._on_arrival(conn, conn.sock)  # most requests are here at once

    def _on_arrival(self, conn: Connection, client: socket.socket) -> None:
        try:
            data = client.recv(arrival.COLLECTED)
        except BlockingIOError:
            return
        except OSError:
            self._forget(conn)
            return
        if data and not conn.arrival.add(data):
            return
        if data or conn.arrival.received:
            self._hand_over(conn)  # of a broken request, the thread finds the end at once
        else:
            self._forget(conn)

    def _hand_over(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        del self.arriving[conn]
        conn.data_ready = True
        self.enqueue_req(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Have a thread take the request, once it is its turn."""
        if _HEALTH.match(conn.arrival.received):
            self._submit(self._health, conn)
            return
        conn.caller = caller_of(conn.arrival.received, (conn.client or ("",))[0])
        if self.turns.begin(conn.caller, conn):
            self._submit(self.tpool, conn)

    def _submit(self, threads: ThreadPoolExecutor, conn: Connection) -> None:
        future = threads.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _end_turn(self, conn: Connection) -> None:
        """Have a thread take the next request of the same caller, in the main loop."""
        caller, conn.caller = conn.caller, None
        following = self.turns.end(caller) if caller is not None else None
        if following is not None:
            self._submit(self.tpool, following)

    def handle(self, conn: Connection) -> bool | Guest:
        """Handle one request, in a thread; returns whether the connection is kept, or the guest that is parked."""
        try:
            if conn.visit is None:
                conn.prepare(self._waiting, partial(self.method_queue.defer, self._end_turn, conn))
                conn.request = next(conn.parser)
                conn.visit = Visit(self.lot.places)
            conn.sock.settimeout(SEND_SECONDS)
            with parking.visiting(conn.visit):
                return self._keepalive_after(conn, self.handle_request(conn.request, conn))
        except Parked as parked:
            return parked.guest
        except (StopIteration, NoMoreData, ConnectionError) as error:
            self.log.debug("Closing connection. %s", error)
        except SlowClient as error:
            self._refuse(conn, refusal(error))
        except OSError as error:
            self.log.info("Closing connection: %s", error)  # it does not take its answer
        except Exception as error:
            self.handle_error(conn.request, conn.sock, conn.client, error)
        return False

    def resume(self, conn: Connection) -> None:
        """Have a thread handle a parked request again."""
        future = self.tpool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self._finish_resumed, conn, done))

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Carry out what the watch decided, in the main loop."""
        self.method_queue.defer(self.lot.carry_out, deliveries)

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """Keep the connection unless the rest of a body that nobody read is still to come."""
        conn.parser.unreader.stop_waiting()
        return bool(super()._keepalive_after(conn, keepalive))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that the application did not get, or did not answer, with a problem document."""
        answer = refusal(exc)
        if answer.status >= 500 and answer.status != 501:
            self.log.exception("Error handling request")
        else:
            self.log.warning("Refused a request of %s: %d %s", (addr or ("",))[0], answer.status, type(exc).__name__)
        self._write(client, answer)

    def _finish_resumed(self, conn: Connection, done: Future[bool | Guest]) -> None:
        self.finish_request(conn, done)
        self.lot.has_resumed()

    def finish_request(self, conn: Connection, done: Future[bool | Guest]) -> None:
        """Keep, park or close the connection, in the main loop."""
        self._end_turn(conn)
        try:
            kept = done.result()
            if isinstance(kept, Guest):
                self.lot.park(conn, kept)
                return
            conn.leave()
            if not kept:
                self._linger(conn)
            elif rest := conn.parser.unreader.take_buffered():
                self._collect(conn, rest)  # the next request was sent without waiting for the answer
            else:
                conn.sock.setblocking(False)
                conn.set_timeout()
                if not self.alive:
                    conn.timeout = min(conn.timeout, time.monotonic() + LINGER_SECONDS)
                self.keepalived_conns.append(conn)
                self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
        except Exception:
            self.log.exception("Closing connection")
            self.hang_up(conn)

    def murder_pending(self) -> None:
        """Close what is overdue: slow requests with a problem document, and what lingers."""
        self.lot.look_after()
        now = time.monotonic()
        if now - self._checked < _CHECK_SECONDS:
            return
        self._checked = now
        for conn in [conn for conn in self.arriving if conn.arrival.is_late(now) or not self._may_wait(conn)]:
            if conn.arrival.received:
                self.log.info("Refused a request of %s that arrived too slowly", (conn.client or ("",))[0])
                self.poller.unregister(conn.sock)
                del self.arriving[conn]
                self._refuse(conn, TOO_SLOW)
                self._linger(conn)
            else:
                self._forget(conn)
        for conn in [conn for conn in self.lingering if conn.lingers_until <= now]:
            self._forget(conn)

    def _may_wait(self, conn: Connection) -> bool:
        return bool(self.alive or conn.arrival.received)  # a stopping worker does not wait for idle connections

    def _refuse(self, conn: Connection, answer: Refusal) -> None:
        self._write(conn.sock, answer)

    def _write(self, client: socket.socket, answer: Refusal) -> None:
        try:
            util.write_nonblock(client, answer.as_bytes())
        except OSError as error:
            self.log.debug("The refusal was not sent: %s", error)

    def hang_up(self, conn: Connection) -> None:
        """Close a connection that the main loop does not watch."""
        conn.leave()
        self.nr_conns -= 1
        conn.close()

    def say_goodbye(self, conn: Connection) -> None:
        """Close the connection of a stream, whose client shall read its end."""
        conn.leave()
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """Say that nothing follows, and take what the client still sends for a moment: a reset would eat the answer."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_rest, conn))
        except (OSError, ValueError):
            self.hang_up(conn)
            return
        conn.lingers_until = time.monotonic() + LINGER_SECONDS
        self.lingering[conn] = None

    def _on_rest(self, conn: Connection, client: socket.socket) -> None:
        try:
            data = client.recv(arrival.COLLECTED)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.drained += len(data)
        if not data or conn.drained > LINGER_BYTES:
            self._forget(conn)

    def _forget(self, conn: Connection) -> None:
        """Close a connection that the main loop watches."""
        self.poller.unregister(conn.sock)
        self.arriving.pop(conn, None)
        self.lingering.pop(conn, None)
        self.hang_up(conn)
