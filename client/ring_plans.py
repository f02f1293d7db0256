"""`/ring-plans`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client.session import Subject, segment
from client.types import Items, Platform, Preview, RingPlan, RingPlanBody, RingPlanProposal, ScopeFilter

RingPlanList = list[RingPlan]
RingPlanProposalList = list[RingPlanProposal]


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
        scope: ScopeFilter | None = None,
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

    def proposals(self, name: str) -> RingPlanProposalList:
        """The latest proposed changes of a ring plan, newest first."""
        return self._session.get(Items[RingPlanProposal], f"/ring-plans/{segment(name)}/proposals")["items"]

    def proposal(self, name: str, proposal_id: int) -> RingPlanProposal:
        """One proposed change of a ring plan."""
        return self._session.get(RingPlanProposal, f"/ring-plans/{segment(name)}/proposals/{proposal_id}")

    def propose(
        self,
        name: str,
        plan: RingPlanBody,
        reason: str,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> RingPlanProposal:
        """Propose a change that takes two people; another person confirms it."""
        body = {"plan": _body(plan), "reason": reason}
        path = f"/ring-plans/{segment(name)}/proposals"
        return self._session.change(
            RingPlanProposal, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key
        )

    def confirm(
        self,
        name: str,
        proposal_id: int,
        comment: str = "",
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> RingPlan:
        """Confirm a proposed change as the second person; the answer is the plan's next version."""
        path = f"/ring-plans/{segment(name)}/proposals/{proposal_id}/confirm"
        body = {"comment": comment}
        return self._session.change(RingPlan, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key)

    def reject(
        self,
        name: str,
        proposal_id: int,
        comment: str,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> RingPlanProposal:
        """Reject a proposed change, or withdraw your own."""
        path = f"/ring-plans/{segment(name)}/proposals/{proposal_id}/reject"
        body = {"comment": comment}
        return self._session.change(
            RingPlanProposal, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key
        )

    def put(
        self, name: str, plan: RingPlanBody, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> RingPlan:
        """Store a new version of a ring plan, unless the content is unchanged. A plan from `get` can be sent back."""
        path = f"/ring-plans/{segment(name)}"
        body = _body(plan)
        return self._session.change(RingPlan, "PUT", path, body, if_match=if_match, idempotency_key=idempotency_key)


def _body(plan: RingPlanBody) -> dict[str, Any]:
    return {field: value for field, value in plan.items() if field not in ("name", "version")}
