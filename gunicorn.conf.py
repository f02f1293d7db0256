"""gunicorn: four workers of eight threads. The HTTP seam measures requests; gunicorn's own StatsD stays off (ADR 8)."""

import gc
from typing import Any

from app import addresses
from app.db import db
from app.metrics import emitter
from app.queue import forget_connection
from app.settings import load_settings

_settings = load_settings()

try:
    bind = addresses.authority(addresses.to_listen_on(_settings.api_host), _settings.api_port)
except OSError as error:
    host = _settings.api_host
    raise SystemExit(f"EUCORA_API_HOST is {host!r}, on which this machine cannot listen: {error}.") from None
workers = 4
threads = 8
worker_class = "app.http.worker.Worker"
forwarded_allow_ips = ""  # app/http/proxies.py decides whose headers count; gunicorn would trust every local program
preload_app = True
timeout = 120
graceful_timeout = 20
keepalive = 5
YOUNG_OBJECTS = 50_000
"""Looked through at once for garbage in circles. At Python's 700, a fifth of a request's time went there."""
control_socket_disable = True


def pre_fork(server: Any, worker: Any) -> None:
    """A worker inherits StatsD's address, so that its first request is counted too, and modules that are no garbage."""
    emitter.refresh()
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A worker must not share the sockets that preloading opened."""
    from wsgi import app

    with app.app_context():
        db.engine.dispose(close=False)
    forget_connection()
    emitter.after_fork()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
