"""docker-compose.yml and what belongs to it, as far as it can be checked without Docker."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.settings import Settings
from ops.compose import alive
from ops.compose.env import secret_values

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
VOLUMES = set(yaml.safe_load(TEXT)["volumes"])
SETTINGS = {f"EUCORA_{name.upper()}" for name in Settings.model_fields}
WORKERS = ("worker", "worker-control", "worker-drift")
APP = ("migrate", "api", *WORKERS, "scheduler")
LONG_RUNNING = sorted(set(SERVICES) - {"migrate"})
REFERENCE = re.compile(r"\$\{(\w+)(:[-?][^}]*)?\}")


def environment(service: str) -> dict[str, str]:
    return {name: str(value) for name, value in SERVICES[service].get("environment", {}).items()}


def binds(service: str) -> list[tuple[str, str]]:
    """Sources in the repository and options of a service's mounts."""
    mounts = [mount.split(":") for mount in SERVICES[service].get("volumes", [])]
    return [(source, options[-1]) for source, *options in mounts if source.startswith(".")]


def test_services() -> None:
    assert {"api", "worker", "scheduler", "migrate"} < set(SERVICES)
    assert {"postgres", "redis", "graphite-statsd", "grafana", "minio"} < set(SERVICES)


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_runs_until_stopped_and_says_how_it_is(service: str) -> None:
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["stop_grace_period"]


def test_the_image_has_the_backup_programs_of_the_servers_version() -> None:
    server = SERVICES["postgres"]["image"].removeprefix("postgres:").partition("-")[0]
    assert f" postgresql-client-{server} " in (ROOT / "Dockerfile").read_text()


def test_migrations_run_once_as_the_owner_and_before_all_else() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert "eucora_owner" in environment("migrate")["EUCORA_MIGRATION_DATABASE_URL"]
    for service in set(APP) - {"migrate"}:
        assert SERVICES[service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert "OWNER" not in " ".join([*environment(service), *environment(service).values()])


def test_workers_take_jobs_of_rollouts_first_and_most_never_do_other_work() -> None:
    queues = {service: SERVICES[service]["command"][3:] for service in WORKERS}
    assert queues == {
        "worker": ["bulk", "control"],
        "worker-control": ["control"],
        "worker-drift": ["bulk", "control", "drift"],
    }


def test_ports_are_local() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:${EUCORA_") for port in ports)


def test_no_secret_is_written_down() -> None:
    for service in SERVICES:
        for name, value in environment(service).items():
            if re.search(r"PASSWORD|SECRET|_KEY|AUTH$", name):
                assert REFERENCE.fullmatch(value), f"{service}: {name}"
            for password in re.findall(r"://[^/:]*:(.*)@", value):
                assert REFERENCE.fullmatch(password), f"{service}: {name}"


def test_env_provides_every_secret_and_no_setting() -> None:
    required = {name for name, default in REFERENCE.findall(TEXT) if default.startswith(":?")}
    assert required == set(secret_values())
    assert all(default == ":?run make env" for _, default in REFERENCE.findall(TEXT) if default.startswith(":?"))
    # `flask` reads .env too: a setting in it would win over the local stack's.
    assert not required & SETTINGS


def test_variables_exist() -> None:
    optional = {name for name, default in REFERENCE.findall(TEXT) if not default.startswith(":?")}
    assert optional - SETTINGS == {"EUCORA_STATSD_PREFIX"}  # only StatsD reads it
    for service in APP:
        assert set(environment(service)) <= SETTINGS
    for service in set(SERVICES) - set(APP):
        mounted = "".join(
            file.read_text()
            for source, _ in binds(service)
            for file in ([ROOT / source] if (ROOT / source).is_file() else (ROOT / source).glob("*.js"))
        )
        for name in environment(service):
            assert not name.startswith("EUCORA_") or name in mounted, f"{service} reads no {name}"


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_mounts(service: str) -> None:
    for source, options in binds(service):
        assert (ROOT / source).exists(), source
        assert options == "ro"
    named = [mount.split(":")[0] for mount in SERVICES[service].get("volumes", []) if mount[0] != "."]
    assert set(named) <= VOLUMES


def test_image_is_built_from_files_that_docker_may_see() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set()
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert copied == allowed
    assert all((ROOT / path).exists() for path in copied)


def run_env(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops.compose.env", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_env_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    first = run_env(path)
    assert first.returncode == 0
    assert "GRAFANA_ADMIN_PASSWORD" in first.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = path.read_text()
    values = dict(line.split("=", 1) for line in written.splitlines())
    assert set(values) == set(secret_values())
    assert len(set(values.values())) == len(values)
    assert all(len(value) >= 32 for name, value in values.items() if name != "MINIO_ROOT_USER")
    assert all(value not in first.stdout for value in values.values())

    again = run_env(path)
    assert again.returncode == 1
    assert "was not changed" in again.stderr
    assert path.read_text() == written


class Heard:
    """A worker or scheduler as Redis knows it."""

    def __init__(self, hostname: str, last_heartbeat: datetime | None) -> None:
        self.hostname = hostname
        self.last_heartbeat = last_heartbeat


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ([Heard("here", NOW - timedelta(hours=1)), Heard("here", NOW - timedelta(seconds=9))], None),
        ([Heard("there", NOW)], "no worker on here is registered"),
        ([Heard("here", None)], "no worker on here is registered"),
        ([Heard("here", NOW - timedelta(minutes=9))], "was at 23:51:00"),
    ],
)
def test_alive(monkeypatch: pytest.MonkeyPatch, heard: list[Heard], words: str | None) -> None:
    monkeypatch.setitem(alive.MEMBERS, "worker", (lambda _: heard, timedelta(minutes=8)))
    found = alive.problem("worker", Redis(), "here", NOW)
    assert found is None if words is None else words in str(found)


def test_alive_without_redis(tmp_path: Path) -> None:
    nowhere = Redis(unix_socket_path=str(tmp_path / "none.sock"), retry=Retry(NoBackoff(), 0))
    assert "Redis does not respond" in str(alive.problem("scheduler", nowhere, "here", NOW))
