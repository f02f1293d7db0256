"""The alert rules, one module for each group; docs/runbook.md has a section for each rule."""

from __future__ import annotations

from collections.abc import Mapping

from ops.grafana.alerting.rule import Rule
from ops.grafana.alerting.rules import api, connectors, jobs, pipeline, rollouts, slos

GROUPS: Mapping[str, tuple[Rule, ...]] = {
    "rollouts": rollouts.RULES,
    "connectors": connectors.RULES,
    "api": api.RULES,
    "jobs": jobs.RULES,
    "pipeline": pipeline.RULES,
    "slo": slos.RULES,
}
