"""A device that a rollback left behind stays a finding until it is back or a person accepts it."""

from __future__ import annotations

from typing import Any

from app.deployments import follow_up, left_behind, queries
from app.metrics import catalogue as m
from tests.support.fleet import DEVICES, Fleet, events

EVENT = "rollback.left_behind_accepted"


def left(fleet: Fleet) -> tuple[int, int]:
    """A rollout and its completed rollback, after which two devices installed the release."""
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    fleet.report(back, "succeeded", *DEVICES[:2])
    fleet.finish(back)
    fleet.report(second, "succeeded", *DEVICES[2:])
    follow_up.follow_up_all()
    return second, back


def accept(fleet: Fleet, deployment: int, external_ids: list[str] | str) -> Any:
    body = {"external_ids": external_ids, "reason": "kiosks, which are replaced in May"}
    status, answer = fleet.api.post(f"/deployments/{deployment}/left-behind/accept", body)
    assert status == 200, answer
    return answer


def gauge() -> float:
    return next(measure.value for measure in queries.levels() if measure.metric is m.LEFT_BEHIND)


def test_an_accepted_device_is_listed_with_who_accepted_it_and_why(fleet: Fleet) -> None:
    second, back = left(fleet)
    assert gauge() == 2
    answer = accept(fleet, second, [DEVICES[2], "nobody"])
    expected = {"rollback": back, "accepted": 1, "already_accepted": 0, "not_left_behind": ["nobody"], "open": 1}
    assert answer == expected
    assert set(fleet.left_behind(back, "open")) == {DEVICES[3]}
    assert set(fleet.left_behind(back, "accepted")) == {DEVICES[2]}
    item = fleet.api.get(f"/deployments/{back}/left-behind?state=accepted")["items"][0]
    assert (item["state"], item["acceptance_reason"]) == ("accepted", "kiosks, which are replaced in May")
    assert item["accepted_by"]
    assert item["accepted_at"]
    assert gauge() == 1
    assert [(it["devices"], it["open"], it["rolls_back"]) for it in events(EVENT)] == [(1, 1, second)]


def test_accepting_again_changes_nothing(fleet: Fleet) -> None:
    second, back = left(fleet)
    accept(fleet, back, [DEVICES[2]])
    again = accept(fleet, second, "all")
    assert (again["accepted"], again["already_accepted"], again["not_left_behind"], again["open"]) == (1, 1, [], 0)
    last = accept(fleet, second, "all")
    assert (last["accepted"], last["already_accepted"]) == (0, 2)
    assert len(events(EVENT)) == 2
    assert gauge() == 0


def test_one_call_accepts_at_most_a_bounded_number(fleet: Fleet, monkeypatch: Any) -> None:
    second, _ = left(fleet)
    monkeypatch.setattr(left_behind, "ACCEPTED_AT_ONCE", 1)
    first, then = accept(fleet, second, "all"), accept(fleet, second, "all")
    assert [(it["accepted"], it["open"]) for it in (first, then)] == [(1, 1), (1, 0)]


def test_a_device_that_is_back_is_no_finding_whether_it_was_accepted_or_not(fleet: Fleet) -> None:
    second, back = left(fleet)
    accept(fleet, back, [DEVICES[2]])
    third = fleet.dispatched("3.0")
    fleet.report(third, "succeeded", *DEVICES[2:])
    left_behind.recount_all()
    assert fleet.left_behind(second) == {}
    assert gauge() == 0


def test_the_id_of_an_earlier_rollback_means_the_latest_one(fleet: Fleet) -> None:
    second, back = left(fleet)
    again = fleet.roll_back(second)
    fleet.report(again, "succeeded", DEVICES[2])
    assert fleet.api.post(f"/deployments/{again}/abort")[0] == 200
    fleet.drive(3)
    answer = accept(fleet, back, "all")
    assert (answer["rollback"], answer["accepted"], answer["open"]) == (again, 1, 0)
    assert set(fleet.left_behind(second, "accepted")) == {DEVICES[3]}


def test_nothing_is_accepted_while_the_rollback_goes_on(fleet: Fleet) -> None:
    second = fleet.half_installed()
    back = fleet.roll_back(second)
    body = {"external_ids": "all", "reason": "too early"}
    status, problem = fleet.api.post(f"/deployments/{second}/left-behind/accept", body)
    assert (status, problem["type"]) == (409, "urn:eucora:problem:still-rolling-back")
    assert str(back) in problem["detail"]
    first = fleet.api.raw("POST", "/deployments/4711/left-behind/accept", json=body)
    assert first.status_code == 404


def test_what_a_body_must_have(fleet: Fleet) -> None:
    second, _ = left(fleet)
    for body in (
        {"external_ids": "all"},
        {"reason": "x"},
        {"external_ids": [], "reason": "x"},
        {"external_ids": "some", "reason": "x"},
    ):
        assert fleet.api.raw("POST", f"/deployments/{second}/left-behind/accept", json=body).status_code == 422
    assert events(EVENT) == []


def test_an_ended_rollback_counts_whom_it_left_behind(fleet: Fleet) -> None:
    """Failed and aborted ones, not only late installers."""
    first = fleet.dispatched("1.0")
    fleet.report(first, "succeeded")
    fleet.finish(first)
    second = fleet.dispatched("2.0")
    fleet.report(second, "succeeded")
    back = fleet.roll_back(second)
    fleet.report(back, "succeeded", DEVICES[0])
    assert gauge() == 0
    assert fleet.api.post(f"/deployments/{back}/abort")[0] == 200
    fleet.drive(3)
    assert gauge() == 3
    fleet.report(back, "succeeded", DEVICES[1])
    left_behind.recount_all()
    assert gauge() == 2
    again = fleet.roll_back(second)
    left_behind.recount_all()
    assert gauge() == 0  # the devices are on their way
    fleet.report(again, "succeeded", *DEVICES[2:])
    fleet.finish(again)
    assert gauge() == 0
