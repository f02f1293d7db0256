"""`/ring-plans`."""

from __future__ import annotations

from client.session import Subject, segment
from client.types import Items, RingPlan, RingPlanBody

RingPlanList = list[RingPlan]


class RingPlans(Subject):
    """Ring plans, by name and version."""

    def list(self) -> RingPlanList:
        """Every ring plan in its newest version."""
        return self._session.get(Items[RingPlan], "/ring-plans")["items"]

    def get(self, name: str, version: int | None = None) -> RingPlan:
        """One ring plan, in its newest version or the given one."""
        return self._session.get(RingPlan, f"/ring-plans/{segment(name)}", {"version": version})

    def put(
        self, name: str, plan: RingPlanBody, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> RingPlan:
        """Store a new version of a ring plan, unless the content is unchanged. A plan from `get` can be sent back."""
        body = {field: value for field, value in plan.items() if field not in ("name", "version")}
        path = f"/ring-plans/{segment(name)}"
        return self._session.change(RingPlan, "PUT", path, body, if_match=if_match, idempotency_key=idempotency_key)
