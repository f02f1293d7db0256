"""The provisioned alert rules as files: what Grafana requires of them, and the evaluator without a server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from ops.grafana.alerting import __main__ as generator
from ops.grafana.alerting.evaluator import (
    Evaluator,
    Instance,
    QueryFailed,
    RuleState,
    State,
    Unsupported,
    body,
    load,
    seconds,
)
from ops.local.paths import CHECKOUT

RULES = load(generator.FOLDER)
BOARDS = {
    board["uid"]: {panel["id"] for panel in board["panels"]}
    for board in (json.loads(file.read_text()) for file in generator.DASHBOARDS.glob("*.json"))
}


def targets(rule: Any) -> list[str]:
    return [node["model"]["target"] for node in rule["data"] if "target" in node["model"]]


# -- the files


def test_the_committed_rules_are_what_the_catalogue_gives() -> None:
    command = [sys.executable, "-m", "ops.grafana.alerting", "--check"]
    assert subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 0


def test_stale_files_are_named_and_those_of_others_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "FOLDER", tmp_path)
    own = tmp_path / "contact.yaml"
    own.write_text("apiVersion: 1\n")
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    left_over = tmp_path / "former.yaml"
    left_over.write_text(generator.HEADER)
    (tmp_path / "api.yaml").write_text("apiVersion: 1\n")
    capsys.readouterr()
    assert generator.main(["--check"]) == 1
    assert re.findall(r"(\w+)\.yaml is stale", capsys.readouterr().err) == ["api", "former"]
    assert generator.main([]) == 0
    assert own.exists()
    assert not left_over.exists()


def test_groups_are_evaluated_every_minute_in_the_folder_of_the_boards() -> None:
    for file in generator.FOLDER.glob("*.yaml"):
        document = yaml.safe_load(file.read_text())
        assert document["apiVersion"] == 1
        (group,) = document["groups"]
        assert group["name"] == f"eucora-{file.stem}"
        assert (group["orgId"], group["folder"], group["interval"]) == (1, "EUCORA", "60s")


def test_uids_and_titles_are_unique_and_short_enough() -> None:
    assert all(re.fullmatch(r"eucora-[a-z0-9-]{1,33}", uid) for uid in RULES)
    titles = [rule["title"] for rule in RULES.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("uid", RULES)
def test_a_rule_is_complete(uid: str) -> None:
    rule = RULES[uid]
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["noDataState"] in ("OK", "Alerting")
    assert rule["execErrState"] in ("KeepLast", "Alerting")
    assert seconds(rule["for"]) % rule["interval"] == 0
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert all(rule["annotations"].values())
    assert rule["panelId"] in BOARDS[rule["dashboardUid"]]
    ref_ids = [node["refId"] for node in rule["data"]]
    assert len(set(ref_ids)) == len(ref_ids)
    assert ref_ids[-1] == rule["condition"]
    assert rule["data"][-1]["model"]["type"] == "threshold"
    for node in rule["data"]:
        assert node["model"]["refId"] == node["refId"]
        assert node["model"]["datasource"]["uid"] == node["datasourceUid"]


@pytest.mark.parametrize("uid", RULES)
def test_grafana_expands_nothing_by_mistake(uid: str) -> None:
    rule = RULES[uid]
    for text in (rule["uid"], rule["title"], rule["dashboardUid"], *rule["labels"], *rule["labels"].values()):
        assert "$" not in text
    for text in rule["annotations"].values():
        assert set(re.findall(r"\$\S+", text)) <= {"$values.RA.Value", "$labels.name"}
        assert text.count("{{") == text.count("}}") == len(re.findall(r"{{ [^{}]+ }}", text))


@pytest.mark.parametrize("uid", RULES)
def test_a_question_has_one_point_for_an_answer(uid: str) -> None:
    for target in targets(RULES[uid]):
        assert not re.search(r"[$#]", target)
        assert not re.search(r"'\d+[mM]'", target), "graphite-web knows min and mon, not m"
        unquoted = re.sub(r"'[^']*'", "", target)
        assert unquoted.count("(") == unquoted.count(")")
        assert len(re.findall(r"summarize\(", target)) == target.count("'31d'") > 0
    for node in RULES[uid]["data"]:
        assert 0 <= node["relativeTimeRange"]["to"] <= node["relativeTimeRange"]["from"] < 31 * 86_400


# -- the evaluator, without a server


class Answers(Evaluator):
    """An evaluator whose Graphite gives prepared answers: series by name, NaN for null."""

    def __init__(self, *answers: dict[str, float] | None) -> None:
        self._answers = list(answers)

    def _query(self, node: Any, now: int) -> Any:
        answer = self._answers.pop(0)
        if answer is None:
            raise QueryFailed("away")
        return {frozenset({("name", name)}): [value] for name, value in answer.items()}


def rule(**fields: Any) -> Any:
    return {**RULES["eucora-connector-unhealthy"], "for": "2m", **fields}


def states(evaluator: Evaluator, of: RuleState, times: int) -> list[str]:
    def shown(instances: list[Instance]) -> str:
        return " ".join(sorted(it.state.value for it in instances))

    return [shown(evaluator.evaluate(of, 60 * number)) for number in range(times)]


def test_it_fires_after_having_held_for_its_time() -> None:
    ill, well = {"jamf": 0.0}, {"jamf": 1.0}
    answers = Answers(ill, ill, well, ill, ill, ill, ill, well)
    assert states(answers, RuleState(rule()), 8) == [
        "Pending", "Pending", "Normal", "Pending", "Pending", "Alerting", "Alerting", "Normal",
    ]  # fmt: skip


def test_null_is_neutral_and_instances_are_judged_alone() -> None:
    answers = Answers({"jamf": float("nan"), "intune": 0.0}, {"intune": 0.0})
    assert states(answers, RuleState(rule(**{"for": "0m"})), 2) == ["Alerting Normal", "Alerting"]


@pytest.mark.parametrize(
    ("becomes", "seen"),
    [
        ("OK", ["Alerting", "Normal", "Normal"]),
        ("KeepLast", ["Alerting", "Alerting", "Alerting"]),
        ("Alerting", ["Alerting", "Alerting", "Alerting"]),
        ("NoData", ["Alerting", "NoData", "NoData"]),
    ],
)
def test_without_data_it_becomes_what_the_rule_says(becomes: str, seen: list[str]) -> None:
    answers = Answers({"jamf": 0.0}, {}, {})
    assert states(answers, RuleState(rule(**{"for": "0m", "noDataState": becomes})), 3) == seen


@pytest.mark.parametrize(("becomes", "seen"), [("Error", "Error"), ("OK", "Normal"), ("Alerting", "Pending")])
def test_a_failed_query_becomes_what_the_rule_says(becomes: str, seen: str) -> None:
    state = RuleState(rule(execErrState=becomes))
    (instance,) = Answers(None).evaluate(state, 0)
    assert instance.state is State(seen)
    assert instance.labels["error"] == "away"


def test_what_it_does_not_know_it_refuses() -> None:
    data = [dict(node) for node in rule()["data"]]
    data[1] = {**data[1], "model": {**data[1]["model"], "reducer": "mean"}}
    with pytest.raises(Unsupported, match="mean"):
        Answers({"jamf": 1.0}).evaluate(RuleState(rule(data=data)), 0)


def test_it_asks_as_grafanas_backend_does() -> None:
    assert body("summarize(a.b,'5m','sum')", start=60, until=120, max_points=43_200) == (
        "format=json&from=60&maxDataPoints=43200&target=summarize%28a.b%2C%275min%27%2C%27sum%27%29&until=120"
    )
