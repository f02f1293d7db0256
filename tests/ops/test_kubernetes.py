"""ops/kubernetes, built by the real kustomize and checked against the schemas of Kubernetes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from app.settings import Settings
from ops.compose.alive import MEMBERS
from ops.local.programs import GRAPHITE_CONF

ROOT = Path(__file__).resolve().parents[2]
OPS = ROOT / "ops"
OVERLAYS = sorted(folder.name for folder in (OPS / "kubernetes" / "overlays").iterdir())
OLDEST, NEWEST = "1.30", kubernetes_validate.latest_version()
PAGE = (ROOT / "docs" / "scaling.md").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SETTINGS = {f"EUCORA_{name.upper()}" for name in Settings.model_fields}
PROGRAMS = ("migrate", "api", "worker", "worker-control", "worker-drift", "scheduler")
Object = dict[str, Any]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kubectl is installed on Linux only")


@cache
def objects(overlay: str) -> list[Object]:
    kubectl = Path(sys.executable).parent / "kubectl"
    command = [str(kubectl), "kustomize", str(OPS / "kubernetes" / "overlays" / overlay)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert not built.stderr, "kustomize warns"
    return list(yaml.safe_load_all(built.stdout))


def of_kind(overlay: str, *kinds: str) -> list[Object]:
    return [it for it in objects(overlay) if it["kind"] in kinds]


def named(overlay: str, kind: str, name: str) -> Object:
    (found,) = [it for it in of_kind(overlay, kind) if it["metadata"]["name"] == name]
    return found


def workloads(overlay: str) -> Iterator[tuple[str, Object]]:
    """The name and the pod template of everything that runs pods."""
    for it in of_kind(overlay, "Deployment", "StatefulSet", "DaemonSet", "Job"):
        yield it["metadata"]["name"], it["spec"]["template"]


def containers(template: Object) -> list[Object]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def config_map(overlay: str, name: str) -> dict[str, str]:
    """The data of the ConfigMap whose name kustomize made from this one and a hash."""
    maps = {it["metadata"]["name"].rpartition("-")[0]: it["data"] for it in of_kind(overlay, "ConfigMap")}
    data: dict[str, str] = maps[name]
    return data


def selected(overlay: str, selector: Object) -> list[Object]:
    """The pod templates with these labels."""
    wanted = selector.get("matchLabels", selector).items()
    return [template for _, template in workloads(overlay) if wanted <= template["metadata"]["labels"].items()]


def port_names(template: Object) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for it in containers(template) for port in it.get("ports", [])}


def variables(container: Object) -> dict[str, Any]:
    return {it["name"]: it.get("value", it.get("valueFrom")) for it in container.get("env", [])}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_objects_match_the_schemas_and_have_one_namespace(overlay: str) -> None:
    names = set()
    for it in objects(overlay):
        for version in (OLDEST, NEWEST):
            kubernetes_validate.validate(it, version, strict=True)
        assert it["kind"] == "Namespace" or it["metadata"]["namespace"] == "eucora"
        names.add((it["kind"], it["metadata"]["name"]))
    assert len(names) == len(objects(overlay))


def test_the_validator_rejects_a_misspelt_field() -> None:
    broken = {**named("small", "Service", "api"), "spec": {"port": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, NEWEST, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_container_has_more_rights_than_it_needs(overlay: str) -> None:
    assert (
        named(overlay, "Namespace", "eucora")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        == "restricted"
    )
    for name, template in workloads(overlay):
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert container["resources"]["limits"].keys() == {"memory"}, name


def test_images_are_built_here_and_run_as_a_numbered_user() -> None:
    """A user's name does not show Kubernetes that it is not root."""
    files = {f"eucora-{path.parent.name}": path for path in OPS.glob("images/*/Dockerfile")}
    files["eucora-control-plane"] = ROOT / "Dockerfile"
    users = {}
    for image, path in files.items():
        (users[image],) = re.findall(r"^USER (\d+)$", path.read_text(), re.M)
    used = {it["image"] for _, template in workloads("trial") for it in containers(template)}
    assert {image.removesuffix(":local") for image in used if image.endswith(":local")} == set(files)
    for name in ("carbon", "graphite"):
        assert str(dict(workloads("small"))[name]["spec"]["securityContext"]["fsGroup"]) == users["eucora-graphite"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_are_those_of_docker_compose(overlay: str) -> None:
    pods = dict(workloads(overlay))
    settings = config_map(overlay, "eucora-settings")
    assert settings.keys() <= SETTINGS
    for name in PROGRAMS:
        service = COMPOSE["services"][name]["environment"]
        (container,) = pods[name]["spec"]["containers"]
        assert container["envFrom"][0]["configMapRef"]["name"].startswith("eucora-settings-")
        assert settings.keys() | variables(container).keys() == service.keys() | {"EUCORA_TRUSTED_PROXIES"}, name
    for name, value in settings.items():
        default = re.fullmatch(r"\$\{\w+:-(.*)\}", str(COMPOSE["x-app-environment"].get(name, "")))
        assert default is None or value == default[1], name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_is_contained_and_the_page_creates_those_that_are_named(overlay: str) -> None:
    assert not of_kind(overlay, "Secret")
    created = {
        (name, key)
        for name, literals in re.findall(r"create secret generic (\S+)((?:[^\n]*\\\n)*[^\n]*)", PAGE)
        for key in re.findall(r"--from-literal=([\w-]+)=", literals)
    }
    for name, template in workloads(overlay):
        for container in containers(template):
            for value in variables(container).values():
                if isinstance(value, dict) and "secretKeyRef" in value:
                    assert (value["secretKeyRef"]["name"], value["secretKeyRef"]["key"]) in created, name
            for source in container.get("envFrom", []):
                if "secretRef" in source:
                    assert source["secretRef"]["name"] in {secret for secret, _ in created}, name


def test_only_the_migration_knows_the_owner_of_the_schema() -> None:
    for name, template in workloads("small"):
        knows = any("eucora-migration" in str(container) for container in containers(template))
        assert knows == (name == "migrate")


def test_programs_wait_for_the_migration() -> None:
    for name, template in workloads("small"):
        waits = [it["command"][-1] for it in template["spec"].get("initContainers", [])]
        assert waits == (["ops.compose.migrated"] if name in PROGRAMS and name != "migrate" else [])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_and_services_lead_to_ports_that_exist(overlay: str) -> None:
    for name, template in workloads(overlay):
        for container in template["spec"]["containers"]:
            own = {port["name"] for port in container.get("ports", [])}
            probes = [
                container[kind] for kind in ("startupProbe", "livenessProbe", "readinessProbe") if kind in container
            ]
            assert probes or name == "migrate", name
            for probe in probes:
                target = probe.get("httpGet") or probe.get("tcpSocket")
                assert target is None or target["port"] in own, name
    for service in of_kind(overlay, "Service"):
        (template,) = selected(overlay, service["spec"]["selector"])
        for port in service["spec"]["ports"]:
            assert port_names(template)[port["targetPort"]] == port["port"], service["metadata"]["name"]


def test_ports_are_the_defaults_of_the_settings() -> None:
    pods = dict(workloads("small"))
    default = {name: field.default for name, field in Settings.model_fields.items()}
    assert port_names(pods["api"]) == {"http": default["api_port"]}
    assert port_names(pods["statsd"]) == {
        "own": default["statsd_port"],
        "external": default["statsd_external_port"],
        "admin": default["statsd_admin_port"],
        "line": default["carbon_port"],
    }
    assert port_names(pods["carbon"]) == {"line": default["carbon_port"], "http": default["graphite_port"]}
    settings = config_map("small", "eucora-settings")
    services = {it["metadata"]["name"] for it in of_kind("small", "Service")}
    assert {settings["EUCORA_STATSD_HOST"], settings["EUCORA_CARBON_HOST"]} <= services
    assert settings["EUCORA_GRAPHITE_URL"] == f"http://graphite:{default['graphite_port']}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_network_policies_name_pods_and_ports_that_exist(overlay: str) -> None:
    outside = {"grafana"}
    for policy in of_kind(overlay, "NetworkPolicy"):
        spec, name = policy["spec"], policy["metadata"]["name"]
        own = selected(overlay, spec["podSelector"])
        assert own, name
        for rule in spec.get("ingress", []):
            ports = {port["port"] for port in rule["ports"]}
            assert all(ports <= port_names(template).keys() for template in own), name
        for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
            for peer in rule.get("from", rule.get("to", [])):
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                if labels and labels.get("app.kubernetes.io/name") not in outside:
                    peers = selected(overlay, labels)
                    assert peers, name
                    if "to" in rule:
                        assert {port["port"] for port in rule["ports"]} <= port_names(peers[0]).keys(), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_relays_and_graphite_know_every_store(overlay: str) -> None:
    replicas = named(overlay, "StatefulSet", "carbon")["spec"]["replicas"]
    stores = [f"carbon-{number}.carbon" for number in range(replicas)]
    relay = config_map(overlay, "relay-config")["relay.conf"]
    assert re.findall(r"^\s+(\S+):2003=\d+", relay, re.M) == stores
    assert int(re.findall(r"replication (\d+)", relay)[0]) == min(replicas, 2)
    servers = config_map(overlay, "graphite-cluster")["GRAPHITE_CLUSTER_SERVERS"]
    assert servers.split(",") == [f"{store}:8080" for store in stores]


def test_the_relays_configurations_are_valid() -> None:
    relay = shutil.which("carbon-c-relay")
    if relay is None:
        pytest.skip("carbon-c-relay is not installed")
    for file in [*OPS.glob("kubernetes/**/relay.conf"), OPS / "compose" / "relay.conf"]:
        done = subprocess.run([relay, "-t", "-t", "-f", str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_configuration_files_are_those_of_the_local_stack() -> None:
    graphite = config_map("small", "graphite-config")
    assert graphite.keys() == {*GRAPHITE_CONF, "carbon.conf"}
    assert all(text == (OPS / "graphite" / name).read_text() for name, text in graphite.items())
    statsd = config_map("small", "statsd-config")
    assert statsd == {file.name: file.read_text() for file in (OPS / "statsd").glob("*.js")}


def test_every_statsd_has_a_prefix_of_its_own() -> None:
    (statsd, _) = dict(workloads("large"))["statsd"]["spec"]["containers"]
    assert named("large", "DaemonSet", "statsd")
    assert variables(statsd)["EUCORA_STATSD_PREFIX"] == "stats_$(NODE_NAME)"
    assert variables(statsd)["NODE_NAME"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}
    assert named("large", "Service", "statsd")["spec"]["internalTrafficPolicy"] == "Local"


def test_a_relay_takes_the_last_flush_of_its_statsd() -> None:
    _, relay = dict(workloads("small"))["statsd"]["spec"]["containers"]
    assert relay["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]
    assert "updateStrategy" not in named("small", "DaemonSet", "statsd")["spec"], "a surge has two with one prefix"


def test_workers_have_the_queues_and_commands_of_docker_compose() -> None:
    pods = dict(workloads("small"))
    for name in PROGRAMS:
        (container,) = pods[name]["spec"]["containers"]
        assert container.get("command") == COMPOSE["services"][name].get("command"), name
        probe = container.get("livenessProbe", {}).get("exec")
        if name not in ("api", "migrate"):
            assert probe["command"][:3] == ["python", "-m", "ops.compose.alive"]
            assert probe["command"][3] in MEMBERS


@pytest.mark.parametrize("overlay", ["small", "large"])
def test_no_disruption_stops_what_answers_and_decides(overlay: str) -> None:
    for budget in of_kind(overlay, "PodDisruptionBudget"):
        kind = "StatefulSet" if budget["metadata"]["name"] == "carbon" else "Deployment"
        workload = named(overlay, kind, budget["metadata"]["name"])
        assert budget["spec"]["selector"]["matchLabels"].items() <= workload["spec"]["selector"]["matchLabels"].items()
        assert workload["spec"]["replicas"] > budget["spec"].get("minAvailable", 0)
    names = {budget["metadata"]["name"] for budget in of_kind(overlay, "PodDisruptionBudget")}
    assert {"api", "scheduler", "carbon"} <= names


def test_the_api_is_stopped_after_its_last_request() -> None:
    api = dict(workloads("small"))["api"]["spec"]
    leaves = int(api["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    answers = int(re.findall(r"^graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.M)[0])
    assert api["terminationGracePeriodSeconds"] > leaves + answers
