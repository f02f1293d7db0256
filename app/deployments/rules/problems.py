"""What makes a ring plan invalid. Standard library only."""

from __future__ import annotations

PlanProblem = tuple[str, str]
"""An invalid field (`rings.0.share`), relative to what was checked, and what it must be."""
