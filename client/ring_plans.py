"""`/ring-plans`."""

from __future__ import annotations

from collections.abc import Mapping

from client.session import Subject, segment
from client.types import Items, Platform, Preview, RingPlan, RingPlanBody, Scope

RingPlanList = list[RingPlan]


class RingPlans(Subject):
    """Ring plans, by name and version."""

    def list(self) -> RingPlanList:
        """Every ring plan in its newest version."""
        return self._session.get(Items[RingPlan], "/ring-plans")["items"]

    def get(self, name: str, version: int | None = None) -> RingPlan:
        """One ring plan, in its newest version or the given one."""
        return self._session.get(RingPlan, f"/ring-plans/{segment(name)}", {"version": version})

    def preview(
        self,
        name: str,
        *,
        version: int | None = None,
        platform: Platform | None = None,
        scope: Scope | None = None,
        application: str | None = None,
        devices: int | None = None,
        tagged: Mapping[str, int] | None = None,
    ) -> Preview:
        """What a ring plan would do now with the registered devices of a scope, or with `devices` of them.

        `tagged` says how many of `devices` have the tag of a ring.
        """
        query = {
            "version": version,
            "platform": platform,
            **(scope or {}),
            "application": application,
            "devices": devices,
            "tagged": [f"{tag}:{number}" for tag, number in (tagged or {}).items()],
        }
        return self._session.get(Preview, f"/ring-plans/{segment(name)}/preview", query)

    def put(
        self, name: str, plan: RingPlanBody, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> RingPlan:
        """Store a new version of a ring plan, unless the content is unchanged. A plan from `get` can be sent back."""
        body = {field: value for field, value in plan.items() if field not in ("name", "version")}
        path = f"/ring-plans/{segment(name)}"
        return self._session.change(RingPlan, "PUT", path, body, if_match=if_match, idempotency_key=idempotency_key)
