"""The settings of a simulated connector: how its devices behave and which faults its vendor has."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SimulatedProfile(BaseModel):
    """How the simulated devices behave. What becomes of each depends only on `seed`, the release and the device."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: str = "eucora"
    fastest_seconds: float = Field(default=0.3, ge=0)
    slowest_seconds: float = Field(default=2.5, ge=0)
    results_every_seconds: float = Field(default=1.0, gt=0)
    failure: float = Field(default=0.004, ge=0, le=1)
    failure_in_ring: dict[str, float] = Field(default_factory=dict)
    silent: float = Field(default=0.01, ge=0, le=1)
    already_compliant: float = Field(default=0.01, ge=0, le=1)
    # Shares of calls that fail. Only with EUCORA_SIMULATION=1.
    timeouts: float = Field(default=0.0, ge=0, le=1)
    throttled: float = Field(default=0.0, ge=0, le=1)
    outages: float = Field(default=0.0, ge=0, le=1)
    # How results arrive: the share delivered twice, the share of devices whose results arrive in the wrong order, and
    # whether failures take half the time. Only with EUCORA_SIMULATION=1.
    duplicates: float = Field(default=0.0, ge=0, le=1)
    out_of_order: float = Field(default=0.0, ge=0, le=1)
    failures_first: bool = False
    # Shares of devices whose inventory differs from what was installed. Only with EUCORA_SIMULATION=1.
    drift_missing: float = Field(default=0.0, ge=0, le=1)
    drift_extra: float = Field(default=0.0, ge=0, le=1)
    drift_version: float = Field(default=0.0, ge=0, le=1)

    def faultless(self) -> SimulatedProfile:
        """The same devices behind a vendor without faults."""
        return self.model_copy(update={name: type(self).model_fields[name].default for name in FAULTS})


FAULTS = (
    "timeouts",
    "throttled",
    "outages",
    "duplicates",
    "out_of_order",
    "failures_first",
    "drift_missing",
    "drift_extra",
    "drift_version",
)
"""The settings that need EUCORA_SIMULATION=1."""
