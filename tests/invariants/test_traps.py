"""What other systems of this field do wrong, each as a test of its own.

The traps whose test is with its subject:
an empty group counts as success: `deployments/test_decisions.py`, an empty ring is skipped, never passed ·
a paused rollout is not judged: there too, a paused deployment is judged too ·
silent devices hold a group for ever, or fail it: `deployments/test_patience.py` ·
all measurements errored, yet "successful": `analysis/test_rollouts.py`, a dead Graphite neither passes nor fails ·
a breach under a freeze is ignored: `deployments/test_holds.py`, a held deployment is judged ·
a rollback counts as a failed deployment, rolling back v2 downgrades v3: `deployments/test_rollback.py` ·
report batches deadlock each other: `deployments/test_reports.py`, overlapping batches at once do not deadlock ·
metrics are declared and never emitted: `metrics/test_catalogue.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.metrics.projection import totals
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.mute import PATH, report, rings, roll_out, told
from tests.support.plans import plan


def publications() -> int:
    (row,) = rows("SELECT count(*) FROM simulated_publications")
    return int(row.count)


@pytest.fixture
def short_of_the_target(mute: Client, drive: Drive) -> Client:
    """Deployment 1, whose first ring is complete: 8 devices succeeded, 1 failed, 1 is silent; 90 % are needed."""
    from app.deployments import silence

    roll_out(mute, plan(target=0.9, error_ceiling=0.5, strict=True))
    drive(3)
    first = told(mute)
    report(mute, first[:1], "failed")
    report(mute, first[1:9], "succeeded")
    drive(60, step=5)
    silence.give_up()
    assert mute.get(f"{PATH}/rings")["items"][0]["pending"] == 0
    return mute


def test_a_group_that_is_merely_complete_does_not_start_the_next(short_of_the_target: Client) -> None:
    ring = short_of_the_target.get(f"{PATH}/rings")["items"][0]
    assert (ring["verdict"], ring["verdict_code"]) == ("wait", "target")
    assert rings(short_of_the_target) == ["soaking", "pending", "pending"]
    assert publications() == 1


def test_resuming_never_promotes(short_of_the_target: Client, drive: Drive) -> None:
    for _ in range(3):
        assert short_of_the_target.post(f"{PATH}/pause")[0] == 200
        drive(20, step=5)
        assert short_of_the_target.post(f"{PATH}/resume")[0] == 200
        drive(20, step=5)
    assert rings(short_of_the_target) == ["soaking", "pending", "pending"]
    assert rows("SELECT 1 FROM events WHERE type IN ('ring.passed', 'ring.waived')") == []
    assert publications() == 1


@pytest.mark.parametrize("value", ["98%", "0.98", "", True, None, [0.98], {"at_least": 0.98}])
@pytest.mark.parametrize("threshold", ["target", "min_reported", "min_coverage", "error_ceiling"])
def test_a_threshold_that_cannot_be_read_is_refused(client: Client, threshold: str, value: Any) -> None:
    answer = client.raw("PUT", "/ring-plans/small", json=plan(**{threshold: value}))
    refused(answer, 422, "invalid", f"rings.0.gate.{threshold}")
    assert rows("SELECT 1 FROM ring_plans") == []


@pytest.fixture
def waiting_for_a_person(mute: Client, colleague: Client, drive: Drive) -> Client:
    """Deployment 1, made by an admin, who may approve; its first ring has passed and its second needs an approval."""
    roll_out(mute, plan({}, {"approval": {"when": "always", "people": 1}}))
    drive(3)
    report(mute, told(mute), "succeeded")
    drive(20, step=2)
    assert rings(mute) == ["passed", "pending", "pending"]
    return mute


def test_the_right_to_approve_is_no_approval(waiting_for_a_person: Client, drive: Drive) -> None:
    creator = waiting_for_a_person
    assert [hold["hold"] for hold in creator.get(PATH)["holds"]] == ["approval"]
    refused(creator.raw("POST", f"{PATH}/approve", json={}), 403, "own-approval")
    creator.post(f"{PATH}/pause")
    creator.post(f"{PATH}/resume")
    drive(60, step=5)
    assert rings(creator) == ["passed", "pending", "pending"]
    assert publications() == 1


def test_what_goes_wrong_while_a_person_is_awaited_is_acted_on(
    waiting_for_a_person: Client, colleague: Client, drive: Drive
) -> None:
    """The approval that comes at last starts a ring that fails before any of its devices is told."""
    incident = {"severity": "P1", "title": "calls", "deployment_id": 1}
    assert waiting_for_a_person.post("/incidents", incident)[0] == 201
    drive(10)
    assert colleague.post(f"{PATH}/approve", {"comment": "read"})[0] == 200
    drive(10)
    assert rings(waiting_for_a_person) == ["passed", "failed", "pending"]
    shown = waiting_for_a_person.get(PATH)
    assert (shown["state"], shown["reason"]) == ("paused", "gate_failed:some")
    assert publications() == 1


def test_failures_are_acted_on_while_a_stalled_ring_awaits_a_person(mute: Client, drive: Drive) -> None:
    roll_out(mute, plan(on_fail="abort", max_wait_seconds=60))
    drive(200, step=5)
    assert mute.get(PATH)["reason"] == "stalled:lab"
    report(mute, told(mute), "failed")
    drive(20, step=5)
    shown = mute.get(PATH)
    assert (shown["state"], shown["reason"]) == ("failed", "gate_failed:lab")


def test_an_accepted_push_is_no_success(mute: Client, drive: Drive) -> None:
    roll_out(mute, plan())
    drive(200, step=5)
    assert publications() == 1
    ring = mute.get(f"{PATH}/rings")["items"][0]
    assert (ring["dispatched"], ring["succeeded"], ring["success_rate"]) == (10, 0, None)
    assert rings(mute) == ["deploying", "pending", "pending"]


def test_creating_a_deployment_observes_no_duration(mute: Client, drive: Drive) -> None:
    def durations() -> int:
        found = totals(rows("SELECT type, payload FROM events"))
        return sum(count for series, count in found.items() if ".deployment.duration." in series)

    roll_out(mute, plan())
    assert durations() == 0
    drive(5)
    assert durations() == 0
    report(mute, told(mute), "succeeded")
    drive(20, until=lambda: rings(mute)[0] == "passed")
    assert durations() == 1
    (event,) = rows("SELECT payload FROM events WHERE type = 'ring.passed'")
    assert event.payload["duration_ms"] > 0
