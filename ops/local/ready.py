"""Checks whether a program is ready, by using it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from ops.local.processes import read_pid

SECONDS = 2.0


def _exchange(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    return connection.recv(256)


def redis(path: Path) -> bool:
    """Return whether Redis answers PING. It answers LOADING while it loads its data."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect(str(path))
            return _exchange(connection, b"PING\r\n").startswith(b"+PONG")
    except OSError:
        return False


def statsd(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether StatsD's admin port reports that it is up."""
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            return b"health: up" in _exchange(connection, b"health\n")
    except OSError:
        return False


def listening(*ports: int) -> bool:
    """Return whether every port accepts a TCP connection."""
    try:
        for port in ports:
            socket.create_connection(("127.0.0.1", port), SECONDS).close()
    except OSError:
        return False
    return True


def worker(redis_url: str, pid_file: Path) -> bool:
    """Return whether the worker with this pid has registered, so that it takes jobs."""
    from rq import Worker  # takes longer to import than `make down` and `make status` take otherwise

    return _registered(Worker.all, redis_url, pid_file)


def scheduler(redis_url: str, pid_file: Path) -> bool:
    """Return whether the scheduler with this pid has registered, so that it enqueues jobs."""
    from rq.cron import CronScheduler

    return _registered(partial(CronScheduler.all, cleanup=False), redis_url, pid_file)


def _registered(everyone: Callable[..., Iterable[Any]], redis_url: str, pid_file: Path) -> bool:
    from redis import Redis
    from redis.exceptions import RedisError

    pid, host = read_pid(pid_file), socket.gethostname()
    try:
        with Redis.from_url(redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as connection:
            return any((each.hostname, each.pid) == (host, pid) for each in everyone(connection=connection))
    except RedisError:
        return False


def http_ok(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Return whether GET responds with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
