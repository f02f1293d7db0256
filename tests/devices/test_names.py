"""Names, versions and ids of real installations: taken as they are written, and found by every spelling."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from app.devices.schemas import DeviceIn, Platform
from app.http.fields import OTHER_NAMES
from app.spelling import word
from tests.support.api import Api
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive, Work
from tests.support.moments import state_at
from tests.support.simulation import simulation

HEADER = "external_id,platform,connector"
IDS = [
    "PC 12/Büro",
    "José's MacBook Pro",
    "工場-01",
    "a/b/c",
    "50%25 & more?x=1#y",
    r"back\slash",
    '"quoted"',
    "{null}",
    "..",
    "آزمایش می\u200cخواهم",
]
RELEASES = [
    ("vim", "2:9.0.1378-2ubuntu1~22.04.1"),
    ("podman", "5:4.9.4~rc1"),
    ("Microsoft Visual C++ 2015-2022 Redistributable (x64)", "14.38.33135"),
    ("AT&T Connect", "1"),
    ("Pare-feu Étendu", "1.0^20240101git"),
    ("Firefox", "128.0 ESR"),
    ("Notepad++", "8.6.4"),
    ("火狐", "3.0.2-0ubuntu1.18+esm1"),
    ("7-Zip [64-bit], <beta>", "24.07 (23H2/a)"),
]


def device(external_id: str, **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "platform": "windows", "connector": "simulated", **fields}


@pytest.mark.parametrize(
    "content",
    [
        'external_id,platform,connector,business_unit\nr1,windows,simulated,"HQ\nr2,windows,simulated,A\n'
        'r3,windows,simulated,"B"\nr4,windows,simulated,C\n',
        'external_id,platform,connector,business_unit\nr1,windows,simulated,"19 inch rack\n'
        + "".join(f"r{n},windows,simulated,Rack {n}\n" for n in range(2, 199)),
    ],
)
def test_a_mark_that_is_not_closed_loses_no_device(client: Client, tmp_path: Path, app: Flask, content: str) -> None:
    others = len(content.splitlines()) - 2
    answers = client.upload("/devices", content, "text/csv")
    assert [answer["line"] for answer in answers] == [*range(2, others + 3)]
    assert [answer["status"] for answer in answers] == ["rejected"] + ["created"] * others
    file = tmp_path / "devices.csv"
    file.write_text(content)
    done = app.test_cli_runner().invoke(args=["devices", "import", str(file)])
    assert done.exit_code == 1
    assert done.stdout.startswith(f"0 created, 0 updated, {others} unchanged, 1 rejected.")
    error = answers[0]["errors"][0]
    assert done.stderr == f"line 2: {error['field']}: {error['message']}\n"


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        (b"External_ID, platform ,connector\npc-1,windows,simulated\n", 1),
        (b"external_id;platform;connector\npc-1;windows;simulated\n", 1),
        (b"external_id,platform,connector,\npc-1,windows,simulated,\n", 1),
        ("external_id,platform,connector\r\npc-1,windows,simulated\r\n".encode("utf-16"), 1),
        (b"external_id,platform,connector\npc-1,windows,simulated\n,,\n,,\n", 1),
        (b"external_id,platform,connector,Serial number\npc-1,windows,simulated,S1\n", 0),
    ],
)
def test_the_command_says_what_the_api_says(
    client: Client, tmp_path: Path, app: Flask, content: bytes, stored: int
) -> None:
    file = tmp_path / "devices.csv"
    file.write_bytes(content)
    done = app.test_cli_runner().invoke(args=["devices", "import", str(file)])
    if stored:
        assert (done.exit_code, done.stderr) == (0, "")
        assert [answer["status"] for answer in client.upload("/devices", content, "text/csv")] == ["unchanged"]
        return
    body = refused(client.raw("POST", "/devices", data=content, content_type="text/csv"), 422, "invalid")
    errors = "".join(f"{error['field']}: {error['message']}\n" for error in body["errors"])
    assert (done.exit_code, done.stderr) == (1, f"Error: {body['detail']}\n{errors}")
    assert errors == "Serial number: unknown column\n"


def test_reports_are_answered_row_by_row(api: Api, client: Client) -> None:
    api.register(5)
    deployment = api.deploy()["id"]
    header = "Deployment ID;External ID;sequence;outcome;reason\n"
    content = (
        header + f'{deployment};d1;1;succeeded;"ok\n{deployment};d2;1;succeeded;\n;;;;\n{deployment};d3;1;"failed";\n'
    )
    answers = client.upload("/reports", content, "text/csv")
    assert [answer["line"] for answer in answers] == [2, 3, 5]
    assert "not closed" in answers[0]["errors"][0]["message"]


@pytest.mark.parametrize("external_id", IDS)
def test_an_id_is_found_by_every_spelling(client: Client, external_id: str) -> None:
    assert client.post("/devices", [device(external_id)])[0] == 200
    for given in (external_id, f" {external_id} ", unicodedata.normalize("NFD", external_id)):
        _, answer = client.post("/devices", [device(given)])
        assert answer["items"] == [{"external_id": external_id, "status": "unchanged"}]
        found = client.get(f"/devices?external_id={quote(given, safe='')}")["items"]
        assert [item["external_id"] for item in found] == [external_id]
        cell = given.replace('"', '""')
        lines = client.upload("/devices", f'{HEADER}\n"{cell}",Windows,simulated\n', "text/csv")
        assert [line["status"] for line in lines] == ["unchanged"]
        assert client.get(f"/drift?external_id={quote(given, safe='')}")["items"] == []
    _, retired = client.post("/devices/retire", {"external_ids": [unicodedata.normalize("NFD", external_id)]})
    assert retired["items"] == [{"external_id": external_id, "status": "retired"}]
    assert len(rows("SELECT 1 FROM devices")) == 1


def test_two_spellings_in_one_request_are_one_device(client: Client) -> None:
    with nothing_written():
        refused(client.raw("POST", "/devices", json=[device("é"), device("e\u0301")]), 422, "duplicate-devices")
    answers = client.upload("/devices", f"{HEADER}\né,windows,simulated\ne\u0301,windows,simulated\n", "text/csv")
    assert [answer["status"] for answer in answers] == ["created", "rejected"]


def test_no_path_contains_an_id_of_a_device(app: Flask) -> None:
    """So that a slash in it never is a part of the path; the paths of DDI are not ours to choose."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/ddi/")]
    assert not {"external_id", "device"} & {name for rule in rules for name in rule.arguments}


@pytest.mark.parametrize(("application", "version"), RELEASES)
def test_a_release_is_named_as_its_vendor_names_it(api: Api, application: str, version: str) -> None:
    api.register(5)
    made = api.deploy(application=unicodedata.normalize("NFD", application), version=f" {version}\u00a0")
    assert (made["application"], made["release"]) == (application, version)
    found = api.get(f"/deployments?application={quote(unicodedata.normalize('NFD', application), safe='')}")
    assert [item["id"] for item in found["items"]] == [made["id"]]
    assert api.post("/freezes", {"reason": "audit", "application": application})[0] == 201


def test_the_other_names_of_platforms_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    listed = text.partition("Platforms also have other names:")[2].partition("\n\n")[0]
    documented = {
        word(name): Platform(platform)
        for platform, names in re.findall(r"`(\w+)` is ((?:[ ,\n]|or|`[^`]+`)+)", listed)
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert documented == OTHER_NAMES


@pytest.mark.parametrize("name", [*OTHER_NAMES, *Platform, "Windows", " macOS ", "Mac OS X", "iPadOS", "LINUX"])
def test_platforms_are_known_by_the_names_people_use(name: str) -> None:
    assert DeviceIn(external_id="a", platform=name, connector="x").platform in Platform


def test_devices_of_any_name_are_rolled_out_to(api: Api, drive: Drive, work: Work) -> None:
    """Through commands, the vendor's answers, reports and counters."""
    registered = [device(external_id, tags=["lab"]) for external_id in IDS]
    assert api.post("/devices", registered)[0] == 200
    gate = {"target": 0.5, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 0, "error_ceiling": 0.9}
    plan = {"rings": [{"name": "Büro Süd (lab)", "tag": "lab", "gate": gate}, {"name": "others", "gate": gate}]}
    assert api.raw("PUT", "/ring-plans/names", json=plan).status_code == 201
    number = api.deploy(application="Pare-feu Étendu", version="5:4.9.4~rc1", plan="names")["id"]
    with simulation(silent=0, failure=0, already_compliant=0, fastest_seconds=0, slowest_seconds=0) as behave:
        behave()
        drive(120, step=2, until=lambda: state_at(f"/deployments/{number}") == "completed")
        work()
    ring = quote("Büro Süd (lab)")
    assigned = api.get(f"/deployments/{number}/assignments?ring={ring}")["items"]
    assert {(item["external_id"], item["status"]) for item in assigned} == {(name, "succeeded") for name in IDS}
    reports = [
        {"deployment_id": number, "external_id": f" {name}", "sequence": 2**61, "outcome": "failed"} for name in IDS
    ]
    status, answer = api.post("/reports", reports)
    assert (status, {item["status"] for item in answer["items"]}) == (200, {"late"})
