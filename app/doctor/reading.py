"""Checks of graphite-web, of Grafana's committed files, and of the clocks."""

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

from app.doctor.check import SEE_GRAPHITE, START, CheckContext, CheckResult, CheckState, milliseconds, short
from app.doctor.services import database_time
from app.metrics.catalogue import METRICS, PREFIX, Kind
from app.metrics.foreign import FOREIGN
from app.metrics.reading.graphite import GraphiteUnavailable

GRAFANA = Path(__file__).parents[2] / "ops" / "grafana"
NEEDED_FUNCTIONS = ("aliasByNode", "sumSeries", "summarize", "transformNull", "maxSeries", "divideSeries")
SKEW_WARN, SKEW_FAIL = 2.0, 5.0
"""Seconds. Points carry StatsD's time, events the application's, and Graphite's `now` is its own."""
_SERIES = re.compile(r"\b(?:stats[\w*]*|carbon)(?:\.(?:\$?\{[^}]*\}|\[\[\w+\]\]|[\w*$-])+)+")
_WILD = re.compile(r"[*${}\[\]]")


def render(context: CheckContext) -> CheckResult:
    """graphite-web can render."""
    began = time.monotonic()
    try:
        series = context.graphite.render(["constantLine(1)"], 0, 60)
    except GraphiteUnavailable as error:
        fix = f"Start graphite-web ({START}), or correct EUCORA_GRAPHITE_URL. Gates without a metric analysis continue."
        return CheckResult("graphite render", CheckState.FAIL, short(error), fix)
    if not series:
        fix = "Does EUCORA_GRAPHITE_URL point to a graphite-web?"
        return CheckResult("graphite render", CheckState.FAIL, "the response is empty", fix)
    return CheckResult("graphite render", CheckState.OK, f"responds in {milliseconds(time.monotonic() - began)}")


def find(context: CheckContext) -> CheckResult:
    """graphite-web finds stored series; dashboards read the values of their variables this way."""
    now = int(time.time())
    try:
        names = context.graphite.find("*", now - 86400, now)
    except GraphiteUnavailable:
        return CheckResult("graphite find", CheckState.FAIL, "graphite-web does not respond", SEE_GRAPHITE)
    if not any(name.startswith("stats") for name in names):
        fix = (
            "No series of StatsD was stored in the last day: see `statsd`, `carbon`. Does graphite-web read carbon's "
            "folder?"
        )
        return CheckResult("graphite find", CheckState.FAIL, f"finds {', '.join(names) or 'nothing'}", fix)
    return CheckResult("graphite find", CheckState.OK, f"finds {', '.join(sorted(names))}")


def functions(context: CheckContext) -> CheckResult:
    """graphite-web lists its functions; Grafana requests this list first."""
    try:
        response = httpx.get(
            f"{context.settings.graphite_url.rstrip('/')}/functions", timeout=min(context.patience, 5.0)
        )
        response.raise_for_status()
        available = response.json()
    except (httpx.HTTPError, ValueError) as error:
        fix = (
            "On Python 3.11 or newer, graphite-web needs ops/graphite/shims in PYTHONPATH. Otherwise see "
            "`graphite render`."
        )
        return CheckResult("graphite functions", CheckState.FAIL, short(error), fix)
    missing = [name for name in NEEDED_FUNCTIONS if name not in available]
    if missing:
        detail = f"{', '.join(missing)} missing"
        return CheckResult("graphite functions", CheckState.FAIL, detail, "Install graphite-web 1.1 or newer.")
    return CheckResult("graphite functions", CheckState.OK, f"{len(available)} functions")


# Grafana's files


def datasource(_context: CheckContext, folder: Path = GRAFANA) -> CheckResult:
    """The provisioned data source is a Graphite, and every query uses it."""
    if not (folder / "provisioning").exists():
        return CheckResult("datasource", CheckState.OK, "not checked: Grafana's files are not on this host")
    try:
        used = {str(uid) for file in _files(folder) for uid in _sources(_parsed(file))}
        provided = {
            str(source["uid"]): str(source["type"])
            for file in sorted(folder.glob("provisioning/datasources/*.yaml"))
            for source in (_parsed(file) or {}).get("datasources", ())
        }
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        return CheckResult(
            "datasource", CheckState.FAIL, f"unreadable: {short(error)}", "Restore ops/grafana from version control."
        )
    except ModuleNotFoundError:
        return CheckResult("datasource", CheckState.OK, "not checked: PyYAML is not installed here")
    required = {uid for uid in used if not uid.startswith(("$", "-- ", "__")) and uid not in ("grafana", "-100")}
    if "graphite" not in provided.values() or not required <= set(provided):
        detail = f"queries use {', '.join(sorted(required))}; provisioned: {', '.join(provided) or 'none'}"
        fix = "Set this uid for the data source in provisioning/datasources."
        return CheckResult("datasource", CheckState.FAIL, detail, fix)
    return CheckResult("datasource", CheckState.OK, f"{', '.join(sorted(required))} is provisioned")


def dashboards(_context: CheckContext, folder: Path = GRAFANA) -> CheckResult:
    """Dashboards and alert rules parse, and every series they name is declared."""
    if not folder.exists():
        return CheckResult("dashboards", CheckState.OK, "not checked: Grafana's files are not on this host")
    files, series, undeclared = 0, 0, list[str]()
    for file in _files(folder):
        try:
            document = _parsed(file)
            # A variable finds nodes of a path, not whole series.
            in_variables = _series_of(document.pop("templating", None))
            in_panels = _series_of(document)
        except ModuleNotFoundError:
            continue  # the alert rules are YAML, which only Grafana and developers need to read
        except (ValueError, AttributeError, OSError) as error:
            fix = "Run `make dashboards`, or restore it from version control."
            return CheckResult("dashboards", CheckState.FAIL, f"{file.name} is unreadable: {short(error)}", fix)
        files, series = files + 1, series + len(in_panels)
        undeclared += [f"{name} ({file.name})" for name in in_panels if not is_declared(name)]
        undeclared += [f"{name} ({file.name})" for name in in_variables if not is_declared(name, whole=False)]
    if undeclared or not series:
        detail = f"series that nothing writes: {', '.join(undeclared[:3])}" if undeclared else "there are no dashboards"
        fix = "Run `make dashboards` with the catalogue of this version."
        return CheckResult("dashboards", CheckState.FAIL, detail, fix)
    return CheckResult("dashboards", CheckState.OK, f"{files} files name {series:,} series, all declared")


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("dashboards/*.json"), *folder.glob("provisioning/alerting/*.yaml")])


def _parsed(file: Path) -> Any:
    """A JSON or YAML file. Raises ValueError, or ModuleNotFoundError for YAML without PyYAML."""
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


def _series_of(document: Any) -> list[str]:
    """Every series that the targets of this part of a document name."""
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
    """Whether the catalogue or `foreign.py` declares a series that this one, with its wildcards, can match.

    If it need not be `whole`, it may also match the beginning of one.
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
    """The nodes of a path; a dot inside braces does not separate nodes."""
    return re.findall(r"(?:\{[^}]*\}|[^.{}])+", series)


def _matches(declared: list[str], asked: list[str]) -> bool:
    equal = (_WILD.search(a) or _WILD.search(b) or a == b for a, b in zip(declared, asked, strict=False))
    return len(declared) == len(asked) and all(equal)


# Clocks


def clocks(context: CheckContext) -> CheckResult:
    """The clocks of the database and of Graphite agree with ours."""
    ahead: dict[str, float] = {}
    unknown: list[str] = []
    try:
        ahead["the database"] = database_time(context)
    except SQLAlchemyError:
        unknown.append("the database")
    try:
        ahead["Graphite"] = _graphite_time(context)
    except (httpx.HTTPError, KeyError, ValueError):
        unknown.append("Graphite")
    detail = "; ".join(
        [f"{host} {seconds:+z.1f} s from ours" for host, seconds in ahead.items()]
        + [f"{host} does not respond" for host in unknown]
    )
    worst = max((abs(seconds) for seconds in ahead.values()), default=0.0)
    fix = "Run a time service (chrony, systemd-timesyncd) on every host: metrics are stored by the second."
    if worst > SKEW_FAIL:
        return CheckResult("clocks", CheckState.FAIL, detail, fix)
    if worst > SKEW_WARN:
        return CheckResult("clocks", CheckState.WARN, detail, fix)
    if unknown:
        return CheckResult("clocks", CheckState.WARN, detail, "See their own rows.")
    return CheckResult("clocks", CheckState.OK, detail)


def _graphite_time(context: CheckContext) -> float:
    """By how many seconds graphite-web's clock is ahead of ours, from the `Date` of a response."""
    before = time.time()
    response = httpx.get(f"{context.settings.graphite_url.rstrip('/')}/version", timeout=min(context.patience, 5.0))
    after = time.time()
    date = parsedate_to_datetime(response.headers["Date"]).timestamp()
    # `Date` has whole seconds: it stands for any moment of its second.
    return min(0.0, date + 1 - before) + max(0.0, date - after)
