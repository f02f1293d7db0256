"""The committed dashboards: what the catalogue gives, complete, and written as graphite-web and Grafana read them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.attention.items import Kind
from app.metrics import catalogue as m
from app.metrics.following.annotations import LAYERS
from app.metrics.foreign import FOREIGN
from ops.grafana import build
from ops.grafana.boards import BOARDS
from ops.grafana.panels import MAX_POINTS
from ops.local.paths import CHECKOUT
from tests.ops.browser import ASPECTS

DASHBOARDS: dict[str, dict[str, Any]] = {board.uid: build.committed(board.uid) for board in BOARDS}
KINDS = {"timeseries", "stat", "bargauge", "state-timeline", "table", "heatmap"}
TYPED = {"type": "graphite", "uid": "graphite"}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [variable for variable in board["templating"]["list"] if variable["type"] == "query"]


def every_panel() -> Iterator[tuple[str, dict[str, Any]]]:
    for uid, board in DASHBOARDS.items():
        for panel in panels(board):
            yield uid, panel


TARGETS = list(dict.fromkeys(target["target"] for _, panel in every_panel() for target in panel["targets"]))
each_board = pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS.keys())


def test_there_are_seven() -> None:
    assert {path.stem for path in build.FOLDER.glob("*.json")} == {
        "operations",
        "rollouts",
        "slos",
        "connectors",
        "jobs",
        "pipeline",
        "capacity",
    }
    assert all(uid.startswith("eucora-") for uid in DASHBOARDS)


def test_the_committed_dashboards_are_what_the_catalogue_gives() -> None:
    done = subprocess.run([sys.executable, "ops/grafana/build.py", "--check"], cwd=CHECKOUT, check=False)
    assert done.returncode == 0


def test_what_is_stale_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    assert build.main(["--check"]) == 1
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    capsys.readouterr()
    slos = tmp_path / "slos.json"
    slos.write_text(slos.read_text().replace('"now"', '"now-1m"'))
    (tmp_path / "left_over.json").write_text("{}")
    assert build.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "slos.json is stale" in told
    assert "left_over.json is stale" in told
    assert "jobs.json" not in told
    assert build.main([]) == 0
    assert not (tmp_path / "left_over.json").exists()


def test_a_panel_is_found_by_its_title() -> None:
    assert build.panel("eucora-operations", "Heartbeat age")["type"] == "stat"
    with pytest.raises(KeyError):
        build.panel("eucora-operations", "No such panel")


@each_board
def test_panels_say_what_one_sees_and_have_titles_and_ids_of_their_own(board: dict[str, Any]) -> None:
    assert board["tags"] == ["eucora"]
    assert board["timezone"] == "utc"
    for name in ("title", "id"):
        assert max(Counter(panel[name] for panel in board["panels"]).values()) == 1
    for panel in panels(board):
        assert panel["type"] in KINDS
        assert panel["description"].endswith(".")
        assert panel["maxDataPoints"] == MAX_POINTS
        assert panel["fieldConfig"]["defaults"].get("unit") or panel["type"] in ("state-timeline", "heatmap")
        assert panel["targets"]
        ref_ids = [target["refId"] for target in panel["targets"]]
        assert len(set(ref_ids)) == len(ref_ids)
        if panel["type"] in ("timeseries", "bargauge", "state-timeline"):
            assert panel["options"]["legend"]["showLegend"]


@each_board
def test_panels_fill_the_grid_and_never_overlap(board: dict[str, Any]) -> None:
    taken: Counter[tuple[int, int]] = Counter()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        taken.update(
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        )
    assert max(taken.values()) == 1
    bottom = max(y for _, y in taken) + 1
    assert len(taken) == 24 * bottom, "a gap in the grid"


@each_board
def test_every_source_is_the_provisioned_one(board: dict[str, Any]) -> None:
    provisioned = (CHECKOUT / "ops/grafana/provisioning/datasources/graphite.yaml").read_text()
    assert re.search(r"(?m)^    uid: graphite$", provisioned)
    asked = [target["datasource"] for panel in panels(board) for target in panel["targets"]]
    asked += [panel["datasource"] for panel in panels(board)] + [one["datasource"] for one in variables(board)]
    asked += [one["datasource"] for one in board["annotations"]["list"] if not one["builtIn"]]
    assert all(source == TYPED for source in asked)


@each_board
def test_variables_offer_all_and_several(board: dict[str, Any]) -> None:
    for variable in variables(board):
        assert variable["multi"]
        assert variable["includeAll"]
        assert variable["allValue"] == "*"
        used = json.dumps(board["panels"]).count("${" + variable["name"] + "}")
        assert used, f"{variable['name']} is used by no panel"


@each_board
def test_links_lead_to_all_boards_in_the_order_of_need_and_into_the_api(board: dict[str, Any]) -> None:
    *others, docs, page = board["links"]
    assert [link["url"] for link in others] == [f"/d/{one.uid}" for one in BOARDS]
    assert [f"eucora {link['title']}".lower() for link in others] == [one.title.lower() for one in BOARDS]
    assert all((link["type"], link["keepTime"], link["includeVars"]) == ("link", True, True) for link in others)
    assert [link["url"] for link in (docs, page)] == ["${api}/docs", "${api}/dashboards/" + board["uid"]]
    address = next(variable for variable in board["templating"]["list"] if variable["name"] == "api")
    assert address["query"].startswith("http")


def test_figures_that_the_database_knows_link_to_their_list_by_name() -> None:
    linked = {}
    for uid, panel in every_panel():
        for link in panel["fieldConfig"]["defaults"].get("links", ()):
            linked[link["url"]] = (uid, panel["type"], link["title"], link["targetBlank"])
    kinds = ("running", "paused", "stalled", "approval", "incident", "breaker")
    assert linked.keys() == {f"${{api}}/dashboards/eucora-operations#{kind}" for kind in kinds}
    assert set(linked.values()) == {("eucora-operations", "stat", "By name", True)}
    assert set(kinds) <= {kind.value for kind in Kind}


@each_board
def test_marks_are_asked_by_one_tag_each(board: dict[str, Any]) -> None:
    """graphite-web takes several tags for an OR, Grafana's documentation for an AND."""
    marks = [one["target"] for one in board["annotations"]["list"] if not one["builtIn"]]
    assert [target["tags"] for target in marks] == [[layer.tag] for layer in LAYERS]
    assert all(target["queryType"] == "tags" and target["fromAnnotations"] for target in marks)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_written_as_graphite_web_reads_it(target: str) -> None:
    depth = 0
    for character in re.sub(r"'[^']*'", "''", target):
        depth += {"(": 1, ")": -1}.get(character, 0)
        assert depth >= 0, "graphite-web answers 200 and nothing to unbalanced parentheses"
    assert depth == 0
    assert not re.search(r"""['"]\d+[mM]['"]""", target), "graphite-web knows min and mon, not m"
    assert "#" not in target
    assert "perSecond" not in target, "a StatsD count is a difference already"
    known = {variable["name"] for board in DASHBOARDS.values() for variable in variables(board)}
    assert set(re.findall(r"\$\{?(\w+)", target)) <= known


def test_grafana_neither_sums_nor_averages() -> None:
    """It gets points that were consolidated: sums of them miss some, and an average of percentiles is nothing."""
    for uid, panel in every_panel():
        calcs = panel["options"].get("reduceOptions", {}).get("calcs", [])
        calcs += panel["options"].get("legend", {}).get("calcs", [])
        calcs += [r for one in panel.get("transformations", []) for r in one["options"].get("reducers", [])]
        assert set(calcs) <= {"lastNotNull", "max", "min"}, f"{uid}: {panel['title']}"


@pytest.mark.parametrize("target", [target for target in TARGETS if re.search(r"\bupper(_\d+)?\b", target)])
def test_percentiles_are_never_averaged_or_added_up(target: str) -> None:
    assert not re.search(r"(?i)sum|avg|average|mean|scale", target)
    assert re.search(r"max|nPercentile", target)
    assert "consolidateBy" in target or "nPercentile" in target


# -- every metric, and nothing else


def _pattern(metric: m.Metric) -> re.Pattern[str]:
    """The series a target may name: in a label's place a value of it, several in braces, `*` or a variable."""

    def node(text: str) -> str:
        if not text.startswith("{"):
            return re.escape(text)
        one = "|".join(metric.labels[text.strip("{}")]) or r"[\w-]+"
        return rf"(?:\*|\$\{{\w+\}}|{one}|\{{(?:{one})(?:,(?:{one}))*\}})"

    nodes = [node(text) for text in f"stats*.{metric.kind.value}.{m.PREFIX}.{metric.path}".split(".")]
    aspects = [aspect for aspect in ASPECTS[metric.kind] if aspect]
    if metric.bins:
        one = "|".join((*map(str, metric.bins), "inf"))
        aspects.append(rf"histogram\.bin_(?:\*|{one}|\{{(?:{one})(?:,(?:{one}))*\}})")
    if aspects:
        nodes.append("(?:" + "|".join(aspects) + ")")
    return re.compile(r"\.".join(nodes))


PATTERNS = {metric.name: _pattern(metric) for metric in m.METRICS}


def _paths(target: str) -> list[str]:
    return re.findall(r"(?:stats|carbon)[.*](?:\{[^}]*\}|[^(),'\"])+", target)


def test_every_path_is_one_of_the_catalogue() -> None:
    own = {it.series for it in FOREIGN}
    for target in TARGETS:
        paths = _paths(target)
        assert paths
        for path in paths:
            assert path in own or any(pattern.fullmatch(path) for pattern in PATTERNS.values()), path


def test_every_metric_is_on_a_panel() -> None:
    paths = {path for target in TARGETS for path in _paths(target)}
    silent = [name for name, pattern in PATTERNS.items() if not any(map(pattern.fullmatch, paths))]
    silent += [it.name for it in FOREIGN if it.series not in paths]
    assert not silent
