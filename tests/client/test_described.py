"""The client against the OpenAPI document: every operation has its methods, which return what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from flask import Flask

from app.http.openapi import contract_of
from client import Client
from client.session import Subject
from tests.client.described import Described

METHODS = {
    "delete_artifact": {"artifacts.delete"},
    "get_artifact": {"artifacts.download"},
    "get_artifact_metadata": {"artifacts.get"},
    "list_agents": {"connectors.agents", "connectors.each_agent"},
    "list_packages": {"packages.list", "packages.each"},
    "get_package": {"packages.get"},
    "put_package": {"packages.put"},
    "list_artifacts": {"artifacts.list", "artifacts.each"},
    "put_artifact": {"artifacts.upload"},
    "abort_deployment": {"deployments.abort"},
    "accept_devices_left_behind": {"deployments.accept_left_behind"},
    "accept_finding": {"drift.accept"},
    "approve_deployment": {"deployments.approve"},
    "break_glass": {"deployments.break_glass"},
    "close_incident": {"incidents.close"},
    "confirm_break_glass": {"deployments.confirm_break_glass"},
    "confirm_ring_plan_proposal": {"ring_plans.confirm"},
    "create_deployment": {"deployments.create", "deployments.preview"},
    "declare_emergency_stop": {"emergency_stops.declare"},
    "declare_freeze": {"freezes.declare"},
    "get_approval_floor": {"deployments.approval_floor"},
    "get_ring_plan_proposal": {"ring_plans.proposal"},
    "get_approvals": {"deployments.approvals"},
    "get_attention": {"attention.get"},
    "get_connector": {"connectors.get"},
    "get_dashboard": {"dashboards.get"},
    "get_deployment": {"deployments.get", "deployments.wait_for"},
    "get_deployment_overview": {"deployments.overview"},
    "get_dossier": {"deployments.dossier"},
    "get_emergency_stop": {"emergency_stops.get"},
    "get_evidence": {"deployments.evidence"},
    "get_finding": {"drift.get"},
    "get_freeze": {"freezes.get"},
    "get_health": {"health.alive"},
    "get_incident": {"incidents.get"},
    "get_panel": {"dashboards.panel"},
    "get_readiness": {"health.ready"},
    "get_ring_plan": {"ring_plans.get"},
    "get_variable": {"dashboards.variable"},
    "lift_emergency_stop": {"emergency_stops.lift"},
    "lift_freeze": {"freezes.lift"},
    "list_annotations": {"dashboards.annotations"},
    "list_assignments": {"deployments.assignments", "deployments.each_assignment"},
    "list_connectors": {"connectors.list"},
    "list_dashboards": {"dashboards.list"},
    "list_deployment_events": {"deployments.events", "deployments.each_event"},
    "list_deployments": {"deployments.list", "deployments.each"},
    "get_device": {"devices.get"},
    "list_devices": {"devices.list", "devices.each"},
    "list_devices_left_behind": {"deployments.left_behind", "deployments.each_left_behind"},
    "list_emergency_stops": {"emergency_stops.list", "emergency_stops.each"},
    "list_events": {"events.list", "events.each"},
    "list_failing_devices": {"devices.failures", "devices.each_failing"},
    "stream_events": {"events.stream"},
    "list_findings": {"drift.list", "drift.each"},
    "list_freezes": {"freezes.list", "freezes.each"},
    "list_gate_evaluations": {"deployments.gates", "deployments.each_gate"},
    "list_incidents": {"incidents.list", "incidents.each"},
    "list_metrics": {"metrics.get", "metrics.exposition"},
    "list_ring_plan_proposals": {"ring_plans.proposals"},
    "list_ring_plans": {"ring_plans.list"},
    "list_rings": {"deployments.rings"},
    "list_risk_assessments": {"deployments.risk"},
    "open_incident": {"incidents.open"},
    "order_remediation": {"drift.remediate"},
    "pause_deployment": {"deployments.pause"},
    "preview_ring_plan": {"ring_plans.preview"},
    "promote_deployment": {"deployments.promote"},
    "propose_ring_plan": {"ring_plans.propose"},
    "put_approval_floor": {"deployments.set_approval_floor"},
    "put_ring_plan": {"ring_plans.put"},
    "register_devices": {"devices.register", "devices.upload"},
    "reject_deployment": {"deployments.reject"},
    "reject_ring_plan_proposal": {"ring_plans.reject"},
    "replace_evidence": {"deployments.replace_evidence"},
    "reschedule_deployment": {"deployments.reschedule"},
    "resume_deployment": {"deployments.resume"},
    "retire_devices": {"devices.retire"},
    "roll_back_deployment": {"deployments.rollback"},
    "set_breaker": {"connectors.set_breaker"},
    "submit_reports": {"reports.submit", "reports.upload"},
    "waive_deployment": {"deployments.waive"},
    "get_whoami": {"tokens.whoami"},
    "list_tokens": {"tokens.list", "tokens.each"},
    "get_token": {"tokens.get"},
    "create_token": {"tokens.create"},
    "rotate_token": {"tokens.rotate"},
    "revoke_token": {"tokens.revoke"},
    "list_subjects": {"subjects.list", "subjects.each"},
    "set_roles": {"subjects.set_roles"},
}
"""The methods that call an operation; `test_operations` shows that they do."""


LISTS = (list, Sequence)


def subjects(client: Client) -> dict[str, Subject]:
    return {name: part for name, part in vars(client).items() if isinstance(part, Subject)}


def methods() -> set[str]:
    with Client("http://eucora.test", "token") as client:
        return {
            f"{name}.{method}"
            for name, part in subjects(client).items()
            for method in dir(type(part))
            if not method.startswith("_")
        }


def returned(method: str) -> Any:
    """What a method returns."""
    subject, _, name = method.partition(".")
    with Client("http://eucora.test", "token") as client:
        return get_type_hints(getattr(type(subjects(client)[subject]), name))["return"]


def answers(operation: dict[str, Any]) -> Iterator[Any]:
    """The schemas of an operation's successes; of lines and of text, those of one line and of all of it."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for content in response["content"].values():
                yield content["schema"].get("contentSchema", content["schema"])


def test_every_operation_has_its_methods(app: Flask) -> None:
    paths = contract_of(app).document["paths"].values()
    assert METHODS.keys() == {operation["operationId"] for item in paths for operation in item.values()}
    assert set().union(*METHODS.values()) == methods()


@pytest.mark.parametrize("operation_id", METHODS)
def test_methods_return_what_is_answered(app: Flask, operation_id: str) -> None:
    document = contract_of(app).document
    described = Described(document)
    (operation,) = (
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if operation["operationId"] == operation_id
    )
    left = [schema for schema in answers(operation) if schema.get("format") != "binary"]
    if not left:  # bytes, which go to a file
        assert {returned(method) for method in METHODS[operation_id]} == {NoneType}
        return
    for method in sorted(METHODS[operation_id]):
        hint = returned(method)
        tried = {index: _differences(described, schema, hint) for index, schema in enumerate(left)}
        assert [] in tried.values(), (method, min(tried.values(), key=len))
    hints = [returned(method) for method in METHODS[operation_id]]
    # A list or page is the same in its other forms, which the client does not ask for.
    for schema in left[:1] if "get" in operation_id.split("_") or operation_id.startswith("list_") else left:
        assert any(_differences(described, schema, hint) == [] for hint in hints), schema


def _differences(described: Described, schema: Any, hint: Any) -> list[str]:
    """A list of all items, or an iterator over them, stands for the page that holds them."""
    items = described.resolved(schema).get("properties", {}).get("items")
    is_iterator = get_origin(hint) is get_origin(Iterator[Any])
    if is_iterator:
        return described.differences(items["items"] if items else schema, get_args(hint)[0])
    if get_origin(hint) in LISTS and items:
        return described.differences(items, hint)
    if get_origin(hint) in LISTS and "values" in described.resolved(schema).get("properties", {}):
        return described.differences(described.resolved(schema)["properties"]["values"], hint)
    return described.differences(schema, hint)
