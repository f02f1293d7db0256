"""The client's types are the API's: fixed values, fields of bodies and filters, what may be null; and its imports."""

from __future__ import annotations

import ast
import inspect
import sys
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from flask import Flask
from pydantic import BaseModel

import client
from app.artifacts.references import ReferenceKind
from app.artifacts.schemas import ArtifactQuery
from app.attention.items import Kind
from app.audit.schemas import EventQuery
from app.connectors.breaker import State
from app.controls import schemas as controls
from app.db import db
from app.deployments import schemas as deployments, scope_schemas
from app.deployments.analysis.schemas import AnalysisIn, ConditionIn
from app.deployments.approval.models import ApprovalAnswer
from app.deployments.approval.schemas import EvidenceIn, RiskIn
from app.deployments.rules import analysis, gates, rings, risk, states
from app.devices import schemas as devices
from app.drift.models import FindingReason, FindingState
from app.drift.schemas import DriftQuery, FindingFilter
from app.http.pagination import PageQuery
from app.identity import schemas as identity
from app.identity.models import SubjectKind
from app.identity.roles import Role
from app.metrics.metric import HOLDS
from app.metrics.reading.schemas import MetricKind
from app.vocabulary import DriftKind, Severity, SiteClass
from client import types
from tests.client.support import required

ENUMS: dict[str, type[StrEnum]] = {
    "ApprovalAnswer": ApprovalAnswer,
    "ApprovalWhen": rings.ApprovalWhen,
    "AssignmentState": states.AssignmentState,
    "AttentionKind": Kind,
    "BreakerState": State,
    "Criticality": devices.Criticality,
    "DeploymentKind": states.DeploymentKind,
    "DeploymentState": states.DeploymentState,
    "DriftKind": DriftKind,
    "Failure": deployments.Failure,
    "FindingReason": FindingReason,
    "FindingState": FindingState,
    "LeftBehindState": deployments.LeftBehindState,
    "MetricKind": MetricKind,
    "OnFail": gates.OnFail,
    "Platform": devices.Platform,
    "ReportOutcome": deployments.ReportOutcome,
    "RingState": states.RingState,
    "ReferenceKind": ReferenceKind,
    "Role": Role,
    "Severity": Severity,
    "SiteClass": SiteClass,
    "SubjectKind": SubjectKind,
    "TokenState": identity.TokenState,
    "ValidationState": states.RehearsalState,
    "Verdict": gates.GateOutcome,
}
BODIES: dict[str, type[BaseModel]] = {
    "Analysis": AnalysisIn,
    "ApprovalPolicy": deployments.ApprovalPolicyIn,
    "Condition": ConditionIn,
    "Evidence": EvidenceIn,
    "FindingFilter": FindingFilter,
    "Gate": deployments.GateIn,
    "NewDeployment": deployments.DeploymentIn,
    "NewDevice": devices.DeviceIn,
    "PlannedRing": deployments.RingIn,
    "Report": deployments.ReportIn,
    "RingPlanBody": deployments.PlanIn,
    "Risk": RiskIn,
    "Scope": scope_schemas.DeploymentScopeIn,
    "Selection": scope_schemas.ScopeIn,
    "SilentAfter": deployments.SilentAfterIn,
    "TokenScopes": identity.ScopesIn,
    "Window": controls.WindowIn,
}
FILTERS: dict[str, type[PageQuery]] = {
    "ArtifactFilter": ArtifactQuery,
    "AssignmentFilter": deployments.AssignmentQuery,
    "DeploymentFilter": deployments.DeploymentQuery,
    "DeviceFailureFilter": deployments.DeviceFailureQuery,
    "DeviceFilter": devices.DeviceQuery,
    "DriftFilter": DriftQuery,
    "EventFilter": EventQuery,
    "FreezeFilter": controls.FreezeQuery,
    "IncidentFilter": controls.IncidentQuery,
    "LeftBehindFilter": deployments.LeftBehindQuery,
    "TokenFilter": identity.TokenQuery,
}
TABLES = {
    "Approval": "approvals",
    "Artifact": "artifacts",
    "Assignment": "assignments",
    "BreakGlass": "break_glass",
    "Device": "devices",
    "DriftFinding": "drift_findings",
    "Event": "events",
    "Freeze": "freezes",
    "GateEvaluation": "gate_evaluations",
    "Incident": "incidents",
    "ListedDeployment": "deployments",
    "Ring": "rings",
    "RiskAssessment": "risk_assessments",
    "Subject": "subjects",
    "Token": "tokens",
}
STATUS_OF_ASSIGNMENT = "state"


@pytest.mark.parametrize("name", ENUMS)
def test_fixed_values_are_the_apis(name: str) -> None:
    assert set(get_args(getattr(types, name))) == {member.value for member in ENUMS[name]}


def test_values_that_are_no_enums_are_the_apis() -> None:
    assert set(get_args(types.Hold)) == set(HOLDS)
    assert set(get_args(types.Operator)) == set(analysis.OPERATORS)
    assert set(get_args(types.Reducer)) == set(analysis.REDUCERS)
    assert set(get_args(types.BlastClass)) == {blast.name for blast in risk.BLASTS}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_has_the_fields_of_its_model(name: str) -> None:
    body, model = getattr(types, name), BODIES[name]
    assert set(get_type_hints(body)) == set(model.model_fields)
    assert required(body) == {field for field, declared in model.model_fields.items() if declared.is_required()}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_has_the_fields_of_its_query(name: str) -> None:
    of_pages = set(PageQuery.model_fields) - {"order"}
    assert set(get_type_hints(getattr(types, name))) == set(FILTERS[name].model_fields) - of_pages


def test_a_deployment_is_created_with_the_fields_of_its_model() -> None:
    parameters = inspect.signature(client.Client("http://eucora.test", "token").deployments.create).parameters
    assert set(parameters) - {"idempotency_key"} == set(deployments.DeploymentIn.model_fields)
    needed = {name for name, parameter in parameters.items() if parameter.default is parameter.empty}
    assert needed == {name for name, field in deployments.DeploymentIn.model_fields.items() if field.is_required()}


@pytest.mark.parametrize("name", TABLES)
def test_a_field_may_be_null_where_its_column_may(app: Flask, name: str) -> None:
    columns: Any = db.metadata.tables[TABLES[name]].columns
    declared = get_type_hints(getattr(types, name))
    shared = {field: columns.get(STATUS_OF_ASSIGNMENT if field == "status" else field) for field in declared}
    nullable = {field for field, column in shared.items() if column is not None and column.nullable}
    assert {field for field in nullable if NoneType not in get_args(declared[field])} == set()
    optional = {field for field, hint in declared.items() if NoneType in get_args(hint) and shared[field] is not None}
    assert optional == nullable


def test_every_type_is_exported_once() -> None:
    named = [
        name
        for module in Path("client/types").glob("[a-z]*.py")
        for node in ast.parse(module.read_text()).body
        for name in _defined(node)
    ]
    assert sorted(named) == sorted(types.__all__)


def test_it_needs_httpx_and_the_standard_library_alone() -> None:
    files = sorted(Path("client").rglob("*.py"))
    assert len(files) > 15
    roots = {name.partition(".")[0] for file in files for name in _imported(ast.parse(file.read_text()))}
    assert roots - sys.stdlib_module_names == {"client", "httpx"}
    assert Path("client/py.typed").exists()


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name) and target.id != "Item"]
    return []


def _imported(tree: ast.Module) -> list[str]:
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
