"""The service level objectives, as ratios of series that can be added up. Standard library only.

An error ratio is the sum of `bad` divided by the sum of `total` over the same window; percentiles are never averaged.
Dashboards, burn-rate alerts and the monthly report all use these definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from app.metrics import catalogue as m


@dataclass(frozen=True)
class Slo:
    """One objective: at most the share 1 − `objective` of `total` may be `bad`."""

    key: str
    title: str
    objective: float
    bad: str
    """Graphite series, with globs: what violates the objective."""
    total: str
    help: str
    at_least: int = 100
    """The smallest total of which a share says anything; below it nothing is judged and no alert fires."""

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return 1 - self.objective

    @property
    def one_bad(self) -> int:
        """The smallest total that a single bad one does not overspend; of fewer there is no budget to speak of."""
        return max(ceil(round(1 / self.budget, 6)), self.at_least)


SLOW = "histogram.bin_{2500,inf}"
"""Bins are named after their upper bounds: these contain what took a second or longer."""

API_AVAILABILITY = Slo(
    "api_availability",
    "API availability",
    0.999,
    m.HTTP_REQUEST.series("count", status_class="5xx"),
    m.HTTP_REQUEST.series("count"),
    "Requests that are not answered with 5xx.",
)
API_LATENCY = Slo(
    "api_latency",
    "API latency",
    0.99,
    m.HTTP_REQUEST.series(SLOW),
    m.HTTP_REQUEST.series("count"),
    "Requests that are answered within a second.",
)
DEPLOYMENT_SUCCESS = Slo(
    "deployment_success",
    "Deployment success",
    0.97,
    m.APPLICATION_DEPLOYMENTS.series("count", status="failed"),
    m.APPLICATION_DEPLOYMENTS.series("count", status="{completed,failed}"),
    "Deployments that complete, of those that complete or fail; what people abort is neither.",
    at_least=5,
)
COMPLIANCE_IN_TIME = Slo(
    "compliance_in_time",
    "Compliance in time",
    0.95,
    m.COMPLIANCE_TOTAL.series("count", result="late"),
    m.COMPLIANCE_TOTAL.series("count"),
    "Devices that become compliant within the limit of their site class, of those that become compliant.",
)

SLOS = (API_AVAILABILITY, API_LATENCY, DEPLOYMENT_SUCCESS, COMPLIANCE_IN_TIME)
