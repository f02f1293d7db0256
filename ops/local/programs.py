"""The programs of a stack: their commands and configuration files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.addresses import own
from ops.local import postgres, ready
from ops.local.paths import CHECKOUT, Layout, own_folder
from ops.local.ports import Ports

INFRASTRUCTURE = ("postgres", "redis", "carbon", "graphite", "statsd")
BULK_WORKERS = tuple(f"bulk-worker-{number}" for number in (1, 2, 3))
DRIFT_WORKER = BULK_WORKERS[0]
APPLICATION = ("control-worker", *BULK_WORKERS, "scheduler", "api")
OPS = CHECKOUT / "ops"
CARBON_PID = "carbon-cache.pid"
GRAPHITE_CONF = (
    "storage-schemas.conf",
    "storage-aggregation.conf",
    "blacklist.conf",
    "local_settings.py",
    "whole_files.py",
)


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process under the supervisor.

    `signature` is a part of its command line that identifies a process left behind by a dead supervisor. `ready` is
    None if the supervisor's state RUNNING is sufficient. `pid_file` is set for a program that writes its own.
    """

    name: str
    argv: tuple[str, ...]
    directory: Path
    signature: str
    ready: Callable[[], bool] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    user: str = ""
    pid_file: Path | None = None


def _postgres(layout: Layout, durable: bool) -> Program:
    return Program(
        name="postgres",
        argv=postgres.server_arguments(layout, durable),
        directory=layout.postgres_data,
        signature=str(layout.postgres_data),
        ready=lambda: postgres.ready(layout),
        stop_signal="INT",
        stop_seconds=30,
        user="nobody" if postgres.account() else "",
        pid_file=layout.postgres_data / "postmaster.pid",
    )


def _write_redis_conf(layout: Layout, durable: bool) -> None:
    folder = own_folder(layout.data / "redis", 0o700)
    settings = {
        "port": "0",
        "unixsocket": f'"{layout.redis_socket}"',
        "unixsocketperm": "700",
        "dir": f'"{folder}"',
        "appendonly": "yes",
        "appendfsync": "everysec" if durable else "no",
        "save": '""',
        "daemonize": "no",
    }
    (layout.conf / "redis.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))


def _redis(layout: Layout) -> Program:
    return Program(
        name="redis",
        argv=(str(layout.home / "bin" / "redis-server"), str(layout.conf / "redis.conf")),
        directory=layout.data / "redis",
        signature="redis-server",
        ready=lambda: ready.redis(layout.redis_socket),
    )


def _graphite_environment(layout: Layout, ports: Ports) -> dict[str, str]:
    conf = layout.conf / "graphite"
    return {
        "GRAPHITE_ROOT": str(layout.graphite),
        "GRAPHITE_CONF_DIR": str(conf),
        "GRAPHITE_STORAGE_DIR": str(layout.graphite),
        "GRAPHITE_SETTINGS_MODULE": "local_settings",
        "DJANGO_SETTINGS_MODULE": "graphite.settings",
        "EUCORA_CARBON_QUERY_PORT": str(ports.carbon_query),
        "PYTHONPATH": f"{OPS / 'graphite' / 'shims'}:{conf}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _write_graphite_conf(layout: Layout, ports: Ports) -> None:
    conf = own_folder(layout.conf / "graphite", 0o700)
    for name in GRAPHITE_CONF:
        shutil.copyfile(OPS / "graphite" / name, conf / name)
    replaced = {
        "LINE_RECEIVER_INTERFACE": "127.0.0.1",
        "LINE_RECEIVER_PORT": ports.carbon,
        "CACHE_QUERY_PORT": ports.carbon_query,
    }
    lines = []
    for line in (OPS / "graphite" / "carbon.conf").read_text().splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name} = {replaced[name]}" if name in replaced else line)
    (conf / "carbon.conf").write_text("\n".join(lines) + "\n")


def _write_graphite_storage(layout: Layout) -> None:
    own_folder(layout.graphite, 0o700)
    for name in ("whisper", "lists", "rrd", "log/webapp"):
        (layout.graphite / name).mkdir(parents=True, exist_ok=True)
    (layout.run / CARBON_PID).unlink(missing_ok=True)
    if not (layout.graphite / "graphite.db").exists():
        shutil.copyfile(layout.home / "graphite" / "initial.db", layout.graphite / "graphite.db")


def _carbon(layout: Layout, ports: Ports) -> Program:
    programs = layout.home / "graphite" / "bin"
    pid_file = layout.run / CARBON_PID
    conf = layout.conf / "graphite" / "carbon.conf"
    argv = (
        str(programs / "python"),
        str(programs / "carbon-cache.py"),
        f"--config={conf}",
        f"--pidfile={pid_file}",
    )
    return Program(
        name="carbon",
        argv=(*argv, "--nodaemon", "start"),
        directory=layout.graphite,
        signature="carbon-cache.py",
        ready=lambda: ready.listening(ports.carbon, ports.carbon_query),
        environment=_graphite_environment(layout, ports),
        stop_seconds=20,
    )


def _graphite(layout: Layout, ports: Ports, processes: int) -> Program:
    python = str(layout.home / "graphite" / "bin" / "python")
    options = ("--workers", str(processes), "--threads", "4", "--no-control-socket", "--log-level", "warning")
    bind = f"127.0.0.1:{ports.graphite}"
    return Program(
        name="graphite",
        argv=(python, "-m", "gunicorn", "graphite.wsgi:application", "--bind", bind, *options),
        directory=layout.graphite,
        signature="graphite.wsgi:application",
        ready=lambda: ready.http_ok(ports.graphite, "/render?target=ready&format=json&from=-1min"),
        environment=_graphite_environment(layout, ports),
    )


def _statsd(layout: Layout, ports: Ports) -> Program:
    return Program(
        name="statsd",
        argv=(
            str(layout.home / "bin" / "node"),
            str(layout.home / "statsd" / "node_modules" / "statsd" / "stats.js"),
            str(OPS / "statsd" / "config.js"),
        ),
        directory=layout.run,
        signature="statsd/stats.js",
        ready=lambda: ready.statsd(ports.statsd_admin, own(ports.hosts.statsd)),
        environment={"NODE_OPTIONS": "--no-deprecation"},
    )


def _application(layout: Layout, ports: Ports, redis_url: str) -> list[Program]:
    python = str(layout.python)

    def module(name: str, is_ready: Callable[[str, Path], bool], *arguments: str) -> Program:
        return Program(
            name=name,
            argv=(python, "-m", *arguments),
            directory=CHECKOUT,
            signature=arguments[0],
            ready=lambda: is_ready(redis_url, layout.run / f"{name}.pid"),
            stop_seconds=30,
        )

    gunicorn = (python, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")
    api = Program(
        name="api",
        argv=(python, "-m", "ops.hold", ports.hosts.api, str(ports.api), *gunicorn),
        directory=CHECKOUT,
        signature="wsgi:app",
        ready=lambda: ready.http_ok(ports.api, "/readyz", own(ports.hosts.api)),
        stop_seconds=35,
    )
    workers = [module("control-worker", ready.worker, "workers.worker", "control")]
    # A comparison of inventories can take minutes. Only one worker does such work, and only when no rollout needs it.
    for name in BULK_WORKERS:
        queues = ("bulk", "control", "drift") if name == DRIFT_WORKER else ("bulk", "control")
        workers.append(module(name, ready.worker, "workers.worker", *queues))
    return [*workers, module("scheduler", ready.scheduler, "workers.schedule"), api]


def write_configuration(layout: Layout, ports: Ports, names: tuple[str, ...], durable: bool) -> None:
    """Write the configuration files and folders that the named programs need."""
    if "redis" in names:
        _write_redis_conf(layout, durable)
    if "carbon" in names or "graphite" in names:
        _write_graphite_conf(layout, ports)
        _write_graphite_storage(layout)


def build(layout: Layout, ports: Ports, names: tuple[str, ...], durable: bool, redis_url: str) -> dict[str, Program]:
    """Return the named programs in the order in which they start. Raises ValueError for an unknown name."""
    makers: dict[str, Callable[[], Program]] = {
        "postgres": lambda: _postgres(layout, durable),
        "redis": lambda: _redis(layout),
        "carbon": lambda: _carbon(layout, ports),
        "graphite": lambda: _graphite(layout, ports, processes=2 if durable else 1),
        "statsd": lambda: _statsd(layout, ports),
    }
    unknown = set(names) - set(INFRASTRUCTURE) - set(APPLICATION)
    if unknown:
        raise ValueError(f"unknown programs: {', '.join(sorted(unknown))}")
    programs = [makers[name]() for name in INFRASTRUCTURE if name in names]
    programs += [program for program in _application(layout, ports, redis_url) if program.name in names]
    return {program.name: program for program in programs}
