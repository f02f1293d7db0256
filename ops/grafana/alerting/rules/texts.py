"""What the rules of all groups share: the dashboards' uids, units of time, and parts of Grafana's templates."""

from __future__ import annotations

MINUTES, HOURS, DAYS = 60, 3600, 86_400
"""In seconds."""
OPERATIONS, ROLLOUTS, CONNECTORS = "eucora-operations", "eucora-rollouts", "eucora-connectors"
JOBS, PIPELINE, CAPACITY = "eucora-jobs", "eucora-pipeline", "eucora-capacity"
PERCENT = "{{ humanizePercentage $values.RA.Value }}"
NAME = "{{ $labels.name }}"
