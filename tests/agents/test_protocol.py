"""The protocol as devices meet it: who may ask what, what is offered, what happens to what they say."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask

from app.agents.idle import idle
from app.identity import tokens
from app.identity.models import Token
from app.identity.roles import Role
from app.identity.scopes import Scopes
from tests.agents.conftest import Configure
from tests.support.agents import EDGE, Agent
from tests.support.api import make_token
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive

FILE = b"gateway 1.0"


def stranger(database: Flask, scopes: Scopes, name: str = "gw-1") -> Agent:
    return Agent(database.test_client(), make_token("somebody", Role.REPORTER, scopes), name)


def work_of(agent: Agent) -> Any:
    work = agent.work()
    assert work is not None
    return work


def assignment(client: Client, deployed: int) -> tuple[str, str]:
    (found,) = client.get(f"/deployments/{deployed}/assignments")["items"]
    return found["status"], found["reason"]


@pytest.mark.parametrize(
    "scopes", [Scopes(device="gw-2"), Scopes(connector="simulated"), Scopes(device="gw-1", connector="simulated")]
)
def test_a_device_that_polls_as_another_is_refused(database: Flask, deployed: int, scopes: Scopes) -> None:
    refused(stranger(database, scopes).raw("GET"), 403, "out-of-scope")


def test_a_token_without_limits_is_no_token_of_a_device(database: Flask, agent: Agent) -> None:
    answer = stranger(database, Scopes()).raw("GET")
    assert "--connector edge" in refused(answer, 403, "out-of-scope")["detail"]


def test_a_device_may_have_a_token_of_its_own(database: Flask, deployed: int) -> None:
    own = Agent(database.test_client(), make_token("gw-1", Role.REPORTER, Scopes(device="gw-1")), "gw-1", "TargetToken")
    assert own.install() == FILE


def test_a_token_that_leaked_is_refused_from_its_revocation_on(database: Flask, agent: Agent) -> None:
    for _ in range(2):
        assert agent.poll()["config"]["polling"]["sleep"]
    (row,) = rows(f"SELECT id FROM {Token.__tablename__} WHERE scopes->>'connector' = '{EDGE}'")
    tokens.revoke("somebody", row.id, "it leaked")
    idle.age()
    refused(agent.raw("GET"), 401, "unauthenticated")


def test_other_connectors_and_unknown_ones_have_no_devices_that_pull(database: Flask, agent: Agent) -> None:
    for name in ("simulated", "nowhere"):
        agent.root = f"/ddi/{name}/controller/v1/gw-1"
        assert agent.raw("GET").status_code == 404


def test_feedback_about_an_action_of_another_device_is_refused(
    database: Flask, client: Client, agent: Agent, deployed: int, gateway: str
) -> None:
    client.post("/devices", [{"external_id": "gw-2", "platform": "linux", "connector": EDGE}])
    other = Agent(database.test_client(), gateway, "gw-2")
    action = work_of(agent)["id"]
    assert other.say(action, "closed", "success") == 404
    assert other.raw("GET", f"/deploymentBase/{action}").status_code == 404
    assert other.raw("GET", f"/actions/{action}/0/gateway-1.0.swu").status_code == 404
    assert agent.say("2147483648", "closed", "success") == 404
    assert assignment(client, deployed)[0] == "dispatched"


def test_feedback_that_is_repeated_or_late_changes_nothing(
    client: Client, agent: Agent, deployed: int, drive: Drive
) -> None:
    action = work_of(agent)["id"]
    assert agent.say(action, "closed", "success") == 200
    assert agent.say(action, "closed", "success") == 410
    assert agent.say(action, "closed", "failure") == 410
    assert agent.say(action, "proceeding") == 410
    assert agent.raw("GET", f"/deploymentBase/{action}").status_code == 410
    assert agent.raw("GET", f"/installedBase/{action}").status_code == 200
    drive(5)
    assert assignment(client, deployed) == ("succeeded", "")
    (ring,) = client.get(f"/deployments/{deployed}")["rings"]
    assert (ring["succeeded"], ring["failed"], ring["pending"], ring["eligible"]) == (1, 0, 0, 1)


def test_the_links_stay_until_the_action_is_over(agent: Agent, deployed: int) -> None:
    action = work_of(agent)["id"]
    for execution in ("proceeding", "download", "proceeding"):
        assert agent.say(action, execution) == 200
        assert work_of(agent)["id"] == action
    assert agent.say(action, "closed", "success") == 200
    assert agent.work() is None


def test_two_thousand_lines_and_a_megabyte_are_one_step(
    client: Client, agent: Agent, deployed: int, drive: Drive
) -> None:
    action = work_of(agent)["id"]
    for n in range(200):
        assert agent.say(action, "proceeding", "none", *(f"line {n}.{m}" for m in range(10))) == 200
    assert agent.say(action, "proceeding", "none", "x" * 1_000_000) == 200
    assert agent.say(action, "closed", "failure", "a\0b", "no space left on device") == 200
    drive(5)
    assert assignment(client, deployed) == ("failed", "disk_full")
    assert [row.outcome for row in rows("SELECT outcome FROM pull_feedback ORDER BY id")] == ["installing", "failed"]


def test_a_message_that_is_no_json_is_taken_all_the_same(
    client: Client, agent: Agent, deployed: int, drive: Drive
) -> None:
    action = work_of(agent)["id"]
    body = b'{"id": 1, "status": {"execution": "closed", "result": {"finished": "failure"}, "details": ["bad\nline'
    assert agent.raw("POST", f"/deploymentBase/{action}/feedback", data=body).status_code == 200
    drive(5)
    assert assignment(client, deployed)[0] == "failed"


def test_half_a_character_does_not_lose_the_report(client: Client, agent: Agent, deployed: int, drive: Drive) -> None:
    action = work_of(agent)["id"]
    assert agent.say(action, "closed", "failure", "bad \ud800 signature: failed") == 200
    drive(5)
    assert assignment(client, deployed) == ("failed", "bad_signature")


def test_a_file_is_sent_whole_in_parts_or_not_again(agent: Agent, deployed: int) -> None:
    (artifact,) = work_of(agent)["deployment"]["chunks"][0]["artifacts"]
    link = artifact["_links"]["download-http"]["href"]
    assert link.startswith("http://localhost/ddi/edge/controller/v1/gw-1/")
    head = agent.raw("HEAD", link)
    assert (head.status_code, head.content_length, head.data) == (200, len(FILE), b"")
    part = agent.raw("GET", link, headers={"Range": "bytes=8-"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"1.0", "bytes 8-10/11")
    assert agent.raw("GET", link, headers={"Range": "bytes=99-"}).status_code == 416
    tag = head.headers["ETag"]
    assert agent.raw("GET", link, headers={"If-None-Match": tag}).status_code == 304
    md5 = agent.raw("GET", artifact["_links"]["md5sum-http"]["href"])
    assert md5.text == f"{hashlib.md5(FILE).hexdigest()}  gateway-1.0.swu\n"
    assert agent.raw("GET", link[:-4]).status_code == 404


def test_links_are_those_of_the_proxy_in_front(
    agent: Agent, deployed: int, database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = agent.raw("GET", base_url="https://devices.example.com/eucora")
    href = answer.json["_links"]["deploymentBase"]["href"]
    assert href.startswith("https://devices.example.com/eucora/ddi/edge/controller/v1/gw-1/deploymentBase/")


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "*/*"}, {"Accept": "text/plain"}, {"Content-Type": "application/json"}, {"charsets": "utf-8"}],
)
def test_no_header_is_a_reason_to_refuse(agent: Agent, headers: dict[str, str]) -> None:
    assert agent.raw("GET", headers=headers).status_code == 200
    assert agent.raw("PUT", "/configData", data=b"{}", headers=headers).status_code == 200


def test_an_unknown_device_is_refused_quarantined_or_accepted(
    database: Flask, client: Client, gateway: str, configure: Configure
) -> None:
    unknown = Agent(database.test_client(), gateway, "new-1")
    refused(unknown.raw("GET"), 404, "unknown-agent")
    configure('unknown_devices = "quarantine"')
    assert unknown.poll()["_links"] == {}
    assert client.get("/devices")["items"] == []
    configure('unknown_devices = "accept"\nnew_platform = "windows"\nnew_tags = ["new"]')
    assert unknown.poll()["config"]
    (device,) = client.get("/devices")["items"]
    assert (device["external_id"], device["platform"], device["tags"]) == ("new-1", "windows", ["new"])
    own = Agent(database.test_client(), make_token("new-2", Role.REPORTER, Scopes(device="new-2")), "new-2")
    refused(own.raw("GET"), 404, "unknown-agent")


def test_a_retired_device_gets_no_work(client: Client, agent: Agent, deployed: int) -> None:
    assert client.post("/devices/retire", {"external_ids": ["gw-1"]})[0] == 200
    assert agent.poll()["_links"] == {}


def test_attributes_replace_merge_and_go(client: Client, agent: Agent) -> None:
    def known() -> Any:
        return rows("SELECT attributes FROM pull_devices")[0].attributes

    assert "configData" in agent.poll()["_links"]
    for body, expected in (
        ({"data": {"os": "debian", "serial": "SN1"}}, {"os": "debian", "serial": "SN1"}),
        ({"data": {"os": "ubuntu"}, "mode": "merge"}, {"os": "ubuntu", "serial": "SN1"}),
        ({"data": {"serial": ""}, "mode": "remove"}, {"os": "ubuntu"}),
        ({"data": {"rack": "4"}, "mode": "replace"}, {"rack": "4"}),
    ):
        assert agent.raw("PUT", "/configData", json=body).status_code == 200
        assert known() == expected
    idle.forget()
    assert "configData" not in agent.poll()["_links"]


def test_a_release_that_is_called_off_is_never_offered(
    client: Client, agent: Agent, deployed: int, drive: Drive
) -> None:
    assert client.post(f"/deployments/{deployed}/abort", {"reason": "no"})[0] == 200
    drive(5)
    assert agent.work() is None
    assert assignment(client, deployed) == ("not_applicable", "cancelled")


@pytest.mark.parametrize(
    ("answer", "expected"), [(("closed", "success"), "not_applicable"), (("rejected", "none"), "succeeded")]
)
def test_a_device_that_has_begun_is_asked_to_stop(
    client: Client, agent: Agent, deployed: int, drive: Drive, answer: tuple[str, str], expected: str
) -> None:
    action = work_of(agent)["id"]
    assert agent.say(action, "proceeding") == 200
    assert client.post(f"/deployments/{deployed}/abort", {"reason": "no"})[0] == 200
    drive(5)
    links = agent.poll()["_links"]
    assert "deploymentBase" not in links
    asked = agent.raw("GET", links["cancelAction"]["href"]).json
    assert asked == {"id": action, "cancelAction": {"stopId": action}}
    assert agent.say(action, *answer, about="cancelAction") == 200
    links = agent.poll()["_links"]
    assert "cancelAction" not in links
    assert agent.say(action, *answer, about="cancelAction") == 410
    if expected == "succeeded":
        assert "deploymentBase" in links
        assert agent.say(action, "closed", "success") == 200
    drive(5)
    assert assignment(client, deployed)[0] == expected


def test_an_idle_device_is_answered_from_memory_until_there_is_work(
    client: Client, agent: Agent, drive: Drive, request: pytest.FixtureRequest
) -> None:
    agent.poll()
    assert "configData" not in agent.poll()["_links"], "it was looked up again"
    request.getfixturevalue("deployed")
    idle.age()
    assert agent.install() == FILE
