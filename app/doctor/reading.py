"""graphite-web, what Grafana reads from it, and whether all clocks agree."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.doctor.finding import SEE_GRAPHITE, START, Finding, Place, State, milliseconds, short
from app.doctor.services import database_time
from app.metrics.catalogue import METRICS, PREFIX, Kind
from app.metrics.foreign import FOREIGN
from app.metrics.reading.graphite import GraphiteUnavailable

GRAFANA = Path(__file__).parents[2] / "ops" / "grafana"
NEEDED_FUNCTIONS = ("aliasByNode", "sumSeries", "summarize", "transformNull", "maxSeries", "divideSeries")
SKEW_WARN, SKEW_FAIL = 2.0, 5.0
"""Seconds. Points carry StatsD's time, events the application's, and what Graphite calls `now` is its own."""
_SERIES = re.compile(r"\b(?:stats[\w*]*|carbon)(?:\.(?:\$?\{[^}]*\}|\[\[\w+\]\]|[\w*$-])+)+")
_WILD = re.compile(r"[*${}\[\]]")


def render(place: Place) -> Finding:
    """graphite-web can compute and answer."""
    began = time.monotonic()
    try:
        answered = place.graphite.render(["constantLine(1)"], 0, 60)
    except GraphiteUnavailable as error:
        fix = f"Start graphite-web ({START}), or correct EUCORA_GRAPHITE_URL. Gates that need no metrics go on."
        return Finding("graphite render", State.FAIL, short(error), fix)
    if not answered:
        return Finding("graphite render", State.FAIL, "an empty answer", "Is EUCORA_GRAPHITE_URL a graphite-web?")
    return Finding("graphite render", State.OK, f"answers in {milliseconds(time.monotonic() - began)}")


def find(place: Place) -> Finding:
    """graphite-web finds series on the disk; variables of dashboards are filled so."""
    now = int(time.time())
    try:
        found = place.graphite.find("*", now - 86400, now)
    except GraphiteUnavailable:
        return Finding("graphite find", State.FAIL, "graphite-web does not answer", SEE_GRAPHITE)
    if not any(name.startswith("stats") for name in found):
        fix = "Nothing of StatsD was stored in a day: see `statsd`, `carbon`; does graphite-web read carbon's folder?"
        return Finding("graphite find", State.FAIL, f"finds {', '.join(found) or 'nothing'}", fix)
    return Finding("graphite find", State.OK, f"finds {', '.join(sorted(found))}")


def functions(place: Place) -> Finding:
    """graphite-web lists its functions, for which Grafana asks first."""
    try:
        answer = httpx.get(f"{place.settings.graphite_url.rstrip('/')}/functions", timeout=min(place.patience, 5.0))
        answer.raise_for_status()
        known = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        fix = "On Python 3.11 or newer graphite-web needs ops/graphite/shims in PYTHONPATH; else see `graphite render`."
        return Finding("graphite functions", State.FAIL, short(error), fix)
    missing = [name for name in NEEDED_FUNCTIONS if name not in known]
    if missing:
        return Finding("graphite functions", State.FAIL, f"without {', '.join(missing)}", "graphite-web 1.1 has them.")
    return Finding("graphite functions", State.OK, f"{len(known)} functions")


# What Grafana is given


def datasource(_place: Place, folder: Path = GRAFANA) -> Finding:
    """The provisioned data source is Graphite's, and every query asks it."""
    if not folder.exists():
        return Finding("datasource", State.OK, "not here: Grafana's files are with Grafana")
    try:
        used = {str(uid) for file in _files(folder) for uid in _sources(_parsed(file))}
        provided = {
            str(source["uid"]): str(source["type"])
            for file in sorted(folder.glob("provisioning/datasources/*.yaml"))
            for source in (_parsed(file) or {}).get("datasources", ())
        }
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        return Finding(
            "datasource", State.FAIL, f"unreadable: {short(error)}", "Restore ops/grafana from version control."
        )
    except ModuleNotFoundError:
        return Finding("datasource", State.OK, "not read: PyYAML is not installed here")
    wanted = {uid for uid in used if not uid.startswith(("$", "-- ", "__")) and uid not in ("grafana", "-100")}
    if "graphite" not in provided.values() or not wanted <= set(provided):
        detail = f"queries ask {', '.join(sorted(wanted))}; provisioned are {', '.join(provided) or 'none'}"
        return Finding("datasource", State.FAIL, detail, "Give the data source this uid in provisioning/datasources.")
    return Finding("datasource", State.OK, f"{', '.join(sorted(wanted))} is provisioned")


def dashboards(_place: Place, folder: Path = GRAFANA) -> Finding:
    """Dashboards and alert rules parse, and name series that somebody writes."""
    if not folder.exists():
        return Finding("dashboards", State.OK, "not here: Grafana's files are with Grafana")
    count, series, strange = 0, 0, list[str]()
    for file in _files(folder):
        try:
            document = _parsed(file)
            # A variable looks for nodes within a path, not for whole series.
            looked_for = _named(document.pop("templating", None))
            named = _named(document)
        except ModuleNotFoundError:
            continue  # the alert rules are YAML, which only Grafana and developers need to read
        except (ValueError, AttributeError, OSError) as error:
            fix = "Run `make dashboards`, or restore it from version control."
            return Finding("dashboards", State.FAIL, f"{file.name} is unreadable: {short(error)}", fix)
        count, series = count + 1, series + len(named)
        strange += [f"{one} ({file.name})" for one in named if not is_declared(one)]
        strange += [f"{one} ({file.name})" for one in looked_for if not is_declared(one, whole=False)]
    if strange or not series:
        detail = f"names what nobody writes: {', '.join(strange[:3])}" if strange else "there are none"
        return Finding("dashboards", State.FAIL, detail, "Run `make dashboards` with the catalogue of this version.")
    return Finding("dashboards", State.OK, f"{count} files name {series:,} series, all declared")


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("dashboards/*.json"), *folder.glob("provisioning/alerting/*.yaml")])


def _parsed(file: Path) -> Any:
    """JSON or YAML. Raises ValueError; ModuleNotFoundError for YAML where nobody can read it."""
    text = file.read_text()
    if file.suffix == ".json":
        return json.loads(text)
    yaml = import_module("yaml")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _nodes(document: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a document."""
    if isinstance(document, dict):
        yield document
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _nodes(part)


def _named(document: Any) -> list[str]:
    """Every series that a target of this part of a document names."""
    targets = (node["target"] for node in _nodes(document) if isinstance(node.get("target"), str))
    return [series for target in targets for series in _SERIES.findall(target)]


def _sources(document: Any) -> Iterator[str]:
    for node in _nodes(document):
        source = node.get("datasource")
        if isinstance(source, dict) and source.get("uid"):
            yield source["uid"]
        if node.get("datasourceUid"):
            yield node["datasourceUid"]


def is_declared(series: str, whole: bool = True) -> bool:
    """Whether the catalogue or `foreign.py` has a series that this one, with its wildcards, can be.

    What is not `whole` may also be the beginning of one.
    """
    nodes = _split(series)
    for foreign in FOREIGN:
        declared = _split(foreign.series)
        if _matches(declared if whole else declared[: len(nodes)], nodes):
            return True
    for metric in METRICS:
        declared = _split(metric.series(""))
        aspects = len(nodes) - len(declared)
        fits = aspects == 0 if metric.kind is Kind.GAUGE else 1 <= aspects <= 2
        if fits and _matches(declared, nodes[: len(declared)]):
            return True
        if not whole and _matches(declared[: len(nodes)], nodes):
            return True
    return nodes[2:4] == [PREFIX, "external"]


def _split(series: str) -> list[str]:
    """The nodes of a path; a dot within braces separates none."""
    return re.findall(r"(?:\{[^}]*\}|[^.{}])+", series)


def _matches(declared: list[str], asked: list[str]) -> bool:
    alike = (
        _WILD.search(one) or _WILD.search(other) or one == other for one, other in zip(declared, asked, strict=False)
    )
    return len(declared) == len(asked) and all(alike)


# Clocks


def clocks(place: Place) -> Finding:
    """The database's and Graphite's clocks agree with ours."""
    ahead: dict[str, float] = {}
    unread: list[str] = []
    try:
        ahead["the database"] = database_time(place)
    except SQLAlchemyError:
        unread.append("the database")
    try:
        ahead["Graphite"] = _graphite_time(place)
    except (httpx.HTTPError, KeyError, ValueError):
        unread.append("Graphite")
    detail = "; ".join(
        [f"{who} {seconds:+z.1f} s from ours" for who, seconds in ahead.items()] + [f"{who} unread" for who in unread]
    )
    worst = max((abs(seconds) for seconds in ahead.values()), default=0.0)
    fix = "Run a time service (chrony, systemd-timesyncd) on every host: buckets of a second do not forgive."
    if worst > SKEW_FAIL:
        return Finding("clocks", State.FAIL, detail, fix)
    if worst > SKEW_WARN:
        return Finding("clocks", State.WARN, detail, fix)
    return Finding("clocks", State.WARN if unread else State.OK, detail, "See their own rows." if unread else "")


def _graphite_time(place: Place) -> float:
    """By how many seconds graphite-web's clock is ahead of ours; its answers tell whole seconds."""
    before = time.time()
    answer = httpx.get(f"{place.settings.graphite_url.rstrip('/')}/version", timeout=min(place.patience, 5.0))
    after = time.time()
    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    # Told time stands for any moment of its second.
    return min(0.0, told + 1 - before) + max(0.0, told - after)
