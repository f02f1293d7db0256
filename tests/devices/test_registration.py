"""Registering devices: JSON all or nothing, lines one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from tests.support.database import counts, nothing_written, rows
from tests.support.http import Client, refused
from tests.support.threads import together

HEADER = "external_id,platform,connector"


def device(external_id: str, **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "platform": "windows", "connector": "simulated", **fields}


def statuses(answers: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(answer["line"], answer["status"]) for answer in answers]


def known() -> set[str]:
    return {row.external_id for row in rows("SELECT external_id FROM devices")}


def test_devices_are_created_updated_or_left(client: Client) -> None:
    _, body = client.post("/devices", [device("a"), device("b")])
    assert [item["status"] for item in body["items"]] == ["created", "created"]
    with nothing_written(devices=1, events=1):
        status, body = client.post("/devices", [device("c"), device("a", tags=["lab"]), device("b")])
    assert status == 200
    assert body["items"] == [
        {"external_id": "c", "status": "created"},
        {"external_id": "a", "status": "updated"},
        {"external_id": "b", "status": "unchanged"},
    ]
    assert client.get("/devices?tag=lab")["items"][0]["external_id"] == "a"


def test_registering_what_is_known_writes_no_event(client: Client) -> None:
    client.post("/devices", [device("a")])
    with nothing_written():
        assert client.post("/devices", [device("a")])[0] == 200


def test_an_unknown_connector_refuses_the_whole_array(client: Client) -> None:
    with nothing_written():
        answer = client.raw("POST", "/devices", json=[device("a"), device("b", connector="intune9")])
        assert "intune9" in refused(answer, 422, "unknown-connector")["detail"]


def test_a_repeated_device_refuses_the_whole_array(client: Client) -> None:
    with nothing_written():
        answer = client.raw("POST", "/devices", json=[device("a"), device("b"), device("a", tags=["lab"])])
        refused(answer, 422, "duplicate-devices", "0.external_id", "2.external_id")


def test_an_upload_refuses_only_the_lines_that_are_wrong(client: Client) -> None:
    lines = [
        json.dumps(device("good-1")),
        json.dumps(device("other", connector="intune9")),
        '{"external_id": "broken", ',
        "[1]",
        "",
        json.dumps(device("good-2", platform="beos")),
        json.dumps(device("good-1", tags=["lab"])),
        json.dumps({**device("x"), "colour": "red"}),
        "[" * 100_000,
        json.dumps(device("nul", business_unit="a\0b")),
        json.dumps(device("good-3", business_unit="Köln")),
    ]
    answers = client.upload("/devices", "\n".join(lines))
    assert statuses(answers) == [
        (1, "created"),
        (2, "rejected"),
        (3, "rejected"),
        (4, "rejected"),
        (6, "rejected"),
        (7, "rejected"),
        (8, "rejected"),
        (9, "rejected"),
        (10, "rejected"),
        (11, "created"),
    ]
    fields = {answer["line"]: answer["errors"][0]["field"] for answer in answers if "errors" in answer}
    assert fields == {
        2: "connector",
        3: "(line)",
        4: "(line)",
        6: "platform",
        7: "external_id",
        8: "colour",
        9: "(line)",
        10: "business_unit",
    }
    assert known() == {"good-1", "good-3"}
    assert client.get("/devices?external_id=good-1")["items"][0]["tags"] == []
    assert client.get("/devices?external_id=good-3")["items"][0]["business_unit"] == "Köln"


def test_an_upload_may_give_every_device_of_one_it_has_refused_before(client: Client) -> None:
    refused_first = [json.dumps(device("a", connector="intune9")), json.dumps(device("a"))]
    assert statuses(client.upload("/devices", "\n".join(refused_first))) == [(1, "rejected"), (2, "created")]


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/ndjson", "application/jsonl"])
def test_ndjson_goes_by_three_names(client: Client, content_type: str) -> None:
    assert statuses(client.upload("/devices", json.dumps(device("a")), content_type)) == [(1, "created")]


def test_an_empty_ndjson_is_answered_with_nothing(client: Client) -> None:
    with nothing_written():
        assert client.upload("/devices", "\n\n") == []


@pytest.mark.parametrize("content_type", ["text/tab-separated-values", "text/csv"])
def test_columns_may_be_separated_by_tabs(client: Client, content_type: str) -> None:
    lines = "external_id\tplatform\tconnector\tbusiness_unit\na\twindows\tsimulated\tSales, north\n"
    assert statuses(client.upload("/devices", lines, content_type)) == [(2, "created")]
    assert client.get("/devices?order=oldest")["items"][0]["business_unit"] == "Sales, north"


@pytest.mark.parametrize("content_type", ["text/csv", "text/csv; charset=utf-8"])
def test_csv_takes_tags_with_semicolons_and_leaves_empty_cells_out(client: Client, content_type: str) -> None:
    csv = (
        "external_id,platform,connector,tags,site_class,criticality\r\n"
        "a,windows,simulated,lab;front-desk; ,air_gapped,\r\n"
        'b,linux,simulated,"lab",,critical\r\n'
        "c,macos,simulated,,,\r\n"
    )
    answers = client.upload("/devices", csv, content_type)
    assert statuses(answers) == [(2, "created"), (3, "created"), (4, "created")]
    kept = {it["external_id"]: it for it in client.get("/devices?order=oldest")["items"]}
    assert kept["a"]["tags"] == ["lab", "front-desk"]
    assert (kept["a"]["site_class"], kept["a"]["criticality"]) == ("air_gapped", "normal")
    assert (kept["b"]["tags"], kept["b"]["site_class"], kept["b"]["criticality"]) == (["lab"], "online", "critical")
    assert kept["c"]["tags"] == []


def test_a_bad_row_of_a_csv_is_refused_alone(client: Client) -> None:
    csv = "\n".join(
        [
            HEADER,
            "a,windows,simulated",
            "b,windows",
            "c,windows,simulated,extra",
            "d,beos,simulated",
            ",windows,simulated",
            "e,windows,intune9",
            '"' + "x" * 200_000 + '",windows,simulated',
            "a,windows,simulated",
            "f,windows,simulated",
        ]
    )
    answers = client.upload("/devices", csv, "text/csv")
    assert [answer["status"] for answer in answers] == ["created"] + ["rejected"] * 7 + ["created"]
    assert known() == {"a", "f"}


def test_a_csv_that_a_spreadsheet_wrote_is_read(client: Client) -> None:
    body = f"{HEADER},business_unit\r\na,windows,simulated,Zürich\r\n".encode("utf-8-sig")
    assert statuses(client.upload("/devices", body, "text/csv")) == [(2, "created")]
    assert client.get("/devices?order=oldest")["items"][0]["business_unit"] == "Zürich"


def test_a_csv_without_a_usable_header_is_refused_as_a_whole(client: Client, subtests: pytest.Subtests) -> None:
    for csv, field in [
        ("", "external_id"),
        ("a,windows,simulated\nb,windows,simulated\n", "external_id"),
        ("external_id,platform\na,windows\n", "connector"),
        (f"{HEADER},colour\na,windows,simulated,red\n", None),
        (f"{HEADER},platform\na,windows,simulated,windows\n", None),
        ('"' + "x" * 200_000 + '"\n', None),
    ]:
        with subtests.test(csv=csv[:40]), nothing_written():
            answer = client.raw("POST", "/devices", data=csv, content_type="text/csv")
            refused(answer, 422, "invalid", *([field] if field else []))


def test_an_upload_commits_every_thousand_lines(client: Client) -> None:
    lines = [json.dumps(device(f"d{n:05d}")) for n in range(2_500)]
    lines[1_700] = "broken"
    with nothing_written(devices=2_499, events=3):
        answers = client.upload("/devices", "\n".join(lines))
    assert len(answers) == 2_500
    assert [answer["line"] for answer in answers if answer["status"] == "rejected"] == [1_701]


def test_the_events_count_what_was_registered(client: Client) -> None:
    client.post("/devices", [device("a"), device("b")])
    client.upload("/devices", json.dumps(device("b", tags=["lab"])) + "\n" + json.dumps(device("c")))
    tallies = [row.payload["tallies"] for row in rows("SELECT payload FROM events ORDER BY id")]
    assert tallies == [
        [{"connector": "simulated", "result": "created", "count": 2}],
        [
            {"connector": "simulated", "result": "created", "count": 1},
            {"connector": "simulated", "result": "updated", "count": 1},
        ],
    ]


def test_overlapping_registrations_at_once_do_not_deadlock(database: Flask, token: str) -> None:
    ids = [f"d{n:03d}" for n in range(200)]

    def send(turn: int) -> list[int]:
        client = Client(database.test_client(), token)
        order = ids[turn * 37 :] + ids[: turn * 37]
        return [client.post("/devices", [device(it, tags=[f"t{turn}-{n}"]) for it in order])[0] for n in range(5)]

    results = together(*[lambda turn=turn: send(turn) for turn in range(4)])
    assert results == [[200] * 5] * 4
    assert counts()["devices"] == 200


def test_the_list_is_paged_without_a_gap(client: Client) -> None:
    client.register(25)
    seen, cursor = [], 0
    while cursor is not None:
        page = client.get(f"/devices?limit=10&cursor={cursor}")
        seen += [it["external_id"] for it in page["items"]]
        cursor = page["next"]
    assert seen == [f"dev-{n:05d}" for n in reversed(range(25))]
