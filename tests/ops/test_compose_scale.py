"""docker-compose.scale.yml, as far as it can be checked without Docker: `make compose-test SCALE=1` runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from app.settings import Settings
from ops.compose.project import PORTS, TWO_HOSTS

ROOT = Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no types
    """Reads Compose's tag for values that replace those of the extended service."""


Loader.add_constructor("!override", Loader.construct_sequence)

ONE, BOTH = (ROOT / name for name in TWO_HOSTS)
FIRST: dict[str, Any] = yaml.safe_load(ONE.read_text())["services"]
SCALE: dict[str, Any] = yaml.load(BOTH.read_text(), Loader)  # a safe loader
SERVICES: dict[str, Any] = SCALE["services"]
SECOND_HOST = ("api-b", "worker-b", "worker-control-b", "scheduler-b")
PROGRAMS = ("api", "worker", "worker-control", "worker-drift", "scheduler")


def environment(service: str) -> dict[str, Any]:
    """With what it extends or changes."""
    base = SERVICES[service].get("extends", {}).get("service", service)
    return {**FIRST.get(base, {}).get("environment", {}), **SERVICES[service].get("environment", {})}


def test_the_second_host_extends_the_services_of_the_first() -> None:
    for service in (*SECOND_HOST, "graphite-b"):
        extended = SERVICES[service]["extends"]
        assert extended["file"] == ONE.name
        assert extended["service"] in FIRST
    assert [SERVICES[service]["extends"]["service"] for service in SECOND_HOST] == [
        service.removesuffix("-b") for service in SECOND_HOST
    ]


def test_every_host_writes_to_its_own_relay_and_statsd() -> None:
    first, second = {"relay"}, {"relay-b"}
    assert {environment(service)["EUCORA_CARBON_HOST"] for service in (*PROGRAMS, "graphite-statsd")} == first
    assert {environment(service)["EUCORA_CARBON_HOST"] for service in (*SECOND_HOST, "statsd-b")} == second
    assert {environment(service)["EUCORA_STATSD_HOST"] for service in PROGRAMS} == {"graphite-statsd"}
    assert {environment(service)["EUCORA_STATSD_HOST"] for service in SECOND_HOST} == {"statsd-b"}


def test_marks_of_deployments_are_written_and_read_in_one_place() -> None:
    assert len({environment(service)["EUCORA_GRAPHITE_URL"] for service in (*PROGRAMS, *SECOND_HOST)}) == 1


def test_no_two_statsds_have_the_same_prefix() -> None:
    prefixes = [environment(service)["EUCORA_STATSD_PREFIX"] for service in ("graphite-statsd", "statsd-b")]
    assert prefixes == ["${EUCORA_STATSD_PREFIX:-stats}", "stats_b"]
    assert environment("graphite-b")["STATSD_DISABLED"] == 1


def test_relays_send_every_metric_to_both_carbons_and_the_first_graphite_web_reads_both() -> None:
    """The second one does not ask the first: both could have all their workers waiting for the other."""
    relay = (ROOT / "ops" / "compose" / "relay.conf").read_text()
    port = Settings.model_fields["carbon_port"].default
    carbons = re.findall(rf"^\s+(\S+):{port}=\w", relay, re.M)
    assert carbons == ["graphite-statsd", "graphite-b"]
    assert f"replication {len(carbons)}" in relay
    assert environment(carbons[0])["GRAPHITE_CLUSTER_SERVERS"] == f"{carbons[1]}:8080"
    assert "GRAPHITE_CLUSTER_SERVERS" not in environment(carbons[1])
    mounted = [mount for name in ("relay", "relay-b") for mount in SERVICES[name]["volumes"]]
    assert mounted == ["./ops/compose/relay.conf:/etc/carbon-c-relay/relay.conf:ro"] * 2


def test_carbons_share_no_files() -> None:
    assert SERVICES["graphite-b"]["volumes"] == ["graphite-b:/opt/graphite/storage"]
    assert "graphite-b" in SCALE["volumes"]
    assert "graphite:/opt/graphite/storage" in FIRST["graphite-statsd"]["volumes"]


def test_ports_are_local_and_the_check_sets_each() -> None:
    for port in [port for service in SERVICES.values() for port in service.get("ports", [])]:
        found = re.fullmatch(r"127\.0\.0\.1:\$\{EUCORA_(\w+)_PORT:-\d+\}:\d+", port)
        assert found is not None, port
        assert found[1] in PORTS


def test_containers_of_our_images_have_no_rights_and_say_how_they_are() -> None:
    for name in ("relay", "relay-b", "statsd-b"):
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        context = service["build"] if isinstance(service["build"], str) else service["build"]["context"]
        dockerfile = "Dockerfile" if isinstance(service["build"], str) else service["build"]["dockerfile"]
        assert (ROOT / context / dockerfile).is_file()


def test_no_secret_is_written_down() -> None:
    assert not re.search("PASSWORD|SECRET|EVENT_KEY", BOTH.read_text())
