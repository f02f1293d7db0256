"""What real clients sent, recorded with swupdate 2022.12, rauc-hawkbit 0.2.0 and rauc-hawkbit-updater 1.4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.agents import Agent
from tests.support.http import Client
from tests.support.jobs import Drive

FOLDER = Path(__file__).parent / "recorded"
INSTALLATIONS = {
    "swupdate-success": ("succeeded", ""),
    "swupdate-failure": ("failed", "script_failed"),
    "swupdate-broken-json": ("failed", "install_failed"),
    "rauc-hawkbit-success": ("succeeded", ""),
    "rauc-hawkbit-updater-success": ("succeeded", ""),
}
CANCELLATIONS = {
    "swupdate-cancel": ("not_applicable", "cancelled"),
    "rauc-hawkbit-cancel": ("installing", ""),
    "rauc-hawkbit-updater-cancel": ("not_applicable", "cancelled"),
}


def replay(agent: Agent, name: str, action: str, file: str) -> list[tuple[str, str, int]]:
    """Send what a client sent, about this action and file; each method, path and status."""
    answered = []
    for sent in json.loads((FOLDER / f"{name}.json").read_text()):
        path = sent["path"].replace("{action}", action)
        body = sent["body"].replace("{action}", action).encode()
        answer = agent.raw(sent["method"], file if path == "{file}" else path, data=body, headers=sent["headers"])
        answered.append((sent["method"], path, answer.status_code))
    return answered


def became(client: Client, deployed: int) -> tuple[str, str]:
    (found,) = client.get(f"/deployments/{deployed}/assignments")["items"]
    return found["status"], found["reason"]


def test_every_recording_is_replayed() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(INSTALLATIONS) | set(CANCELLATIONS)


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_an_installation(client: Client, agent: Agent, deployed: int, drive: Drive, name: str) -> None:
    work: Any = agent.work()
    file = work["deployment"]["chunks"][0]["artifacts"][0]["_links"]["download"]["href"]
    answered = replay(agent, name, work["id"], file)
    over = [place for place, (method, *_) in enumerate(answered) if method == "POST"][-1]
    assert {status for _, _, status in answered[: over + 1]} == {200}
    assert all(status in (200, 410) for _, _, status in answered)
    drive(5)
    assert became(client, deployed) == INSTALLATIONS[name]
    assert agent.work() is None


@pytest.mark.parametrize("name", CANCELLATIONS)
def test_a_cancellation(client: Client, agent: Agent, deployed: int, drive: Drive, name: str) -> None:
    work: Any = agent.work()
    assert agent.say(work["id"], "proceeding") == 200
    assert client.post(f"/deployments/{deployed}/abort", {"reason": "no"})[0] == 200
    drive(5)
    assert {status for _, _, status in replay(agent, name, work["id"], "")} == {200}
    drive(5)
    assert became(client, deployed) == CANCELLATIONS[name]
    links = agent.poll()["_links"]
    assert "cancelAction" not in links
    assert ("deploymentBase" in links) is (CANCELLATIONS[name][0] == "installing")
