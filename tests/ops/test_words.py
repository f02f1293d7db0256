"""How words look and read on the committed dashboards: one color and one name each, on every panel."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

from app.metrics import catalogue as m
from app.metrics.following.annotations import LAYERS
from ops.grafana import build, panels as p, words
from ops.grafana.boards import BOARDS
from ops.local.paths import CHECKOUT

METHODS = set(m.HTTP_REQUEST.labels["method"])
LISTED = {value for metric in m.METRICS for values in metric.labels.values() for value in values} - METHODS
STYLE = (CHECKOUT / "app/dashboards/static/style.css").read_text()
COLORS_JS = (CHECKOUT / "app/dashboards/static/color.js").read_text()
GRAFANA = {"dark": "#181b1f", "light": "#ffffff"}
"""The grounds of Grafana's panels."""
GRAPHIC, TEXT = 3.0, 4.5
"""The least contrasts of WCAG 2.2 AA: to what is drawn, and to what is written."""
HEX = re.compile(r"#[0-9a-f]{6}")
MERGED = re.compile(r"aliasSub\(groupByNodes\((stats\*\.gauges[^'()]*),'max',[\d,]+\),'\^','stats\.'\)")
"""A gauge of several StatsD instances as one series, which keeps its name."""
FILLED = 0.16
"""The share of its color in the ground of a tile."""


def variables(theme: str) -> dict[str, str]:
    """The colors that style.css gives to one theme."""
    block = re.search(rf':root\[data-theme="{theme}"\] \{{(.*?)\}}', STYLE, re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block[1]))


THEMES = {theme: variables(theme) for theme in ("dark", "light")}


def luminance(color: str) -> float:
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def every_panel() -> Iterator[tuple[str, dict[str, Any]]]:
    for board in BOARDS:
        for panel in build.committed(board.uid)["panels"]:
            if panel["type"] != "row":
                yield board.uid, panel


PANELS = list(every_panel())
PAINTED = [
    pytest.param(panel, id=f"{uid.removeprefix('eucora-')}: {panel['title']}")
    for uid, panel in PANELS
    if panel["type"] in ("timeseries", "bargauge") and panel["fieldConfig"]["defaults"]["color"]["mode"] != "thresholds"
]
CHARTS = [it for it in PAINTED if it.values[0]["type"] == "timeseries"]  # type: ignore[index]  # a dict


def names(target: str) -> list[str]:
    """The names that a target's series can have, of labels whose values are known; else the name it gives."""
    given = re.fullmatch(r"alias\(.*,'([^']*)'\)", target)
    if given:
        return [given[1]]
    target = MERGED.sub(r"\1", target).replace("stats*.", "stats.")
    added = re.fullmatch(r"aliasSub\((.*),'(\^|\$)','([^']*)'\)", target)
    if added:
        before, after = (added[3], "") if added[2] == "^" else ("", added[3])
        return [f"{before}{name}{after}" for name in names(added[1])]
    nodes = [int(node) for node in re.findall(r",(\d+)(?=[,)])", target)]
    for metric in m.METRICS:
        if metric.series("").rpartition("*")[0].split("*")[0] not in target:
            continue
        by_node = {metric.node(label): words.values_of(metric, label) for label in metric.labels}
        labels = [by_node[node] for node in nodes if node in by_node]
        if labels:
            return [" ".join(map(words.reads, values)) for values in product(*labels)]
    return []


def shown(panel: dict[str, Any], name: str) -> dict[str, Any]:
    """What the overrides of a panel set for a series of this name, as Grafana applies them: the last one wins."""
    found: dict[str, Any] = {}
    for override in panel["fieldConfig"]["overrides"]:
        matcher = override["matcher"]
        wanted = matcher["options"]
        if re.search(wanted.strip("/"), name) if matcher["id"] == "byRegexp" else wanted == name:
            found |= {it["id"]: it["value"] for it in override["properties"]}
    return found


def test_every_value_of_every_label_has_a_look() -> None:
    assert LISTED - words.LOOKS.keys() == set()


def test_a_name_of_a_series_that_is_also_a_word_looks_like_the_word() -> None:
    looks = {words.reads(word): look for word, look in words.LOOKS.items()}
    assert {name for name in words.NAMES.keys() & looks.keys() if words.NAMES[name] != looks[name]} == set()


@pytest.mark.parametrize("panel", PAINTED)
def test_a_word_has_the_same_color_on_every_panel(panel: dict[str, Any]) -> None:
    """By its name alone: whichever other series there are, and in whichever order they come."""
    for target in panel["targets"]:
        for name in names(target["target"]):
            color = words.look(name).color
            if color is None:
                assert len(names(target["target"])) == 1 == len(panel["targets"]), name
            else:
                assert shown(panel, name)["color"] == {"mode": "fixed", "fixedColor": color}, name


@pytest.mark.parametrize("panel", CHARTS)
def test_the_series_of_a_chart_can_be_told_apart(panel: dict[str, Any]) -> None:
    series = [name for target in panel["targets"] for name in names(target["target"])]
    looks = {name: json.dumps({**shown(panel, name), "unit": 0}, sort_keys=True) for name in series}
    assert [pair for pair in combinations(looks, 2) if looks[pair[0]] == looks[pair[1]]] == []


def test_the_colors_of_thresholds_are_those_of_the_words_that_say_the_same() -> None:
    said = {word: words.look(word).color for word in ("passed", "failed", "error", "paused")}
    assert said == {"passed": p.GOOD, "failed": p.BAD, "error": p.WORSE, "paused": p.WARN}
    alarms = re.search(r"ALARMS = \[(.*?)\]", COLORS_JS)
    assert alarms
    assert HEX.findall(alarms[1]) == [p.BAD, p.WORSE, p.WARN]


def test_names_that_are_no_words_get_colors_of_the_same_table() -> None:
    palette = re.search(r"PALETTE = \[(.*?)\]", COLORS_JS, re.DOTALL)
    assert palette
    assert set(HEX.findall(palette[1])) < set(words.TONES)
    assert not set(HEX.findall(palette[1])) & {p.GOOD, p.BAD, p.WORSE, p.WARN}


def test_every_color_of_the_dashboards_is_the_same_in_both_themes() -> None:
    for board in BOARDS:
        found = re.findall(r'"(?:color|fixedColor|iconColor)": "([^"]*)"', json.dumps(build.committed(board.uid)))
        others = {color for color in found if not HEX.fullmatch(color)}
        assert others <= {"text", "transparent", "rgba(0, 211, 255, 1)", "rgba(255,0,255,0.7)"}, "the latter: Grafana's"


def test_states_over_time_have_the_colors_of_their_words() -> None:
    timelines = [panel for _, panel in PANELS if panel["type"] == "state-timeline"]
    assert timelines
    for panel in timelines:
        for state in panel["fieldConfig"]["defaults"]["mappings"][0]["options"].values():
            assert state["color"] == words.look(state["text"]).color


def test_rows_of_tables_have_the_colors_of_their_words() -> None:
    (panel,) = (panel for _, panel in PANELS if panel["title"] == "Outcomes by connector")
    (column,) = panel["fieldConfig"]["overrides"]
    mappings = next(it["value"] for it in column["properties"] if it["id"] == "mappings")
    for outcome in m.OUTCOMES:
        name = f"simulated {words.reads(outcome)}"
        first = next(it["options"] for it in mappings if re.search(it["options"]["pattern"].strip("/"), name))
        assert first["result"] == {"color": words.look(name).color}


@pytest.mark.parametrize(
    ("part", "word"), [("succeeded", "succeeded"), ("failed", "failed"), ("silent", "unreachable")]
)
def test_a_bar_of_devices_has_the_colors_of_its_words(part: str, word: str) -> None:
    style = (CHECKOUT / "app/dashboards/static/facts.css").read_text()
    assert re.findall(rf"\.progress \.{part} {{ background: (#\w+)", style) == [words.look(word).color]


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_drawn_has_a_contrast_to_its_ground(theme: str) -> None:
    colors = {look.color for look in (*words.LOOKS.values(), *words.NAMES.values()) if look.color} | set(words.TONES)
    grounds = {THEMES[theme]["panel"], GRAFANA[theme]}
    faint = {(color, ground) for color in colors for ground in grounds if contrast(color, ground) < GRAPHIC}
    assert faint == set()
    assert contrast(THEMES[theme]["accent"], THEMES[theme]["panel"]) >= GRAPHIC  # the ring around what has the focus
    assert contrast(THEMES[theme]["accent"], THEMES[theme]["back"]) >= GRAPHIC


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_written_has_a_contrast_to_its_ground(theme: str) -> None:
    own = THEMES[theme]
    pairs = {
        (own[text], own[ground])
        for text in ("text", "dim", "accent", "wrong")
        for ground in ("back", "panel", "raised", "grid")
    }
    pairs.add((own["on-accent"], own["accent"]))
    assert {pair for pair in pairs if contrast(*pair) < TEXT} == set()


def test_people_read_no_underscores() -> None:
    read = {word: words.reads(word) for word in (*words.LOOKS, *words.READS)}
    assert [name for name in read.values() if "_" in name] == []
    assert read["needs_person"] == "needs a person"
    assert read["_other"] == "other applications"
    for uid, panel in PANELS:
        for target in panel["targets"]:
            text = target["target"]
            if not re.match(r"alias\(", text):
                assert "'[._]',' '" in text, f"{uid}: {panel['title']}: {text}"


def test_every_panel_says_the_same_when_it_has_nothing_to_show() -> None:
    said = defaultdict(set)
    for uid, panel in PANELS:
        said[panel["fieldConfig"]["defaults"]["noValue"]].add(uid)
    assert said.keys() == {p.NOTHING, "too few to judge"}
    assert said["too few to judge"] == {"eucora-slos"}


def test_marks_are_off_where_they_would_cover_the_curves() -> None:
    for board in BOARDS:
        document = build.committed(board.uid)
        covered = {it["id"] for it in document["panels"] if it["type"] in ("state-timeline", "heatmap")}
        marks = [it for it in document["annotations"]["list"] if not it["builtIn"]]
        assert {it["name"] for it in marks} == {layer.title for layer in LAYERS}
        assert {it["enable"] for it in marks} == {board.uid == "eucora-rollouts"}
        assert not any(it["hide"] for it in marks), "people can switch each layer on"
        for it in marks:
            assert it["filter"]["exclude"]
            assert set(it["filter"]["ids"]) == covered


def test_objectives_are_percentages_and_too_few_are_not_judged() -> None:
    document = build.committed("eucora-slos")
    rows = [it["title"] for it in document["panels"] if it["type"] == "row"]
    assert rows[1:] == [
        "API availability: 99.9 %",
        "API latency: 99 %",
        "Deployment success: 97 %",
        "Compliance in time: 95 %",
    ]
    over_time = build.panel("eucora-slos", "Deployment success: budget over time")["fieldConfig"]["defaults"]
    assert "min" not in over_time, "an overspent budget is below 0"
    assert over_time["max"] == 1
    left = build.panel("eucora-slos", "Deployment success: budget left")
    # Of 33 deployments, 0.99 may fail: one that failed would already overspend the budget.
    assert "removeBelowValue" in left["targets"][0]["target"]
    assert re.search(r",34\)", left["targets"][0]["target"])


def test_dates_are_dates_and_none_is_never() -> None:
    defaults = build.panel("eucora-pipeline", "Last flush and last error")["fieldConfig"]["defaults"]
    assert defaults["unit"] == "dateTimeFromNow"
    assert defaults["mappings"] == [{"type": "value", "options": {"0": {"text": "never", "index": 0}}}]
