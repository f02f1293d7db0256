"""How each word looks and reads on every panel, in Grafana and on `/dashboards`: its color, its dash, its name.

A word is a value of a metric's label, such as `passed`, or the name that a panel gives to a series. Colors are hex
values, so both pages and both of their themes show the same ones; each has a contrast of 3 to 1 to every panel.

A series such as `canary passed` has several words. The later one in the table wins: the result before the ring.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.metrics.catalogue import RETENTION_ROWS
from app.metrics.metric import OTHER, Metric, declared
from app.metrics.objectives.slos import SLOS
from app.queue import Job
from app.vocabulary import RING_KEYS

GREEN, MINT, TEAL, CYAN, SKY = "#2a9a56", "#45967f", "#12948a", "#1b8fb0", "#5b8fc4"
BLUE, INDIGO, PURPLE, MAGENTA, PINK = "#3f7fe0", "#6a70e6", "#9a68de", "#c14fb4", "#dc5288"
RED, ROSE, ORANGE, AMBER, LIME = "#dd4246", "#b8677a", "#cf6a12", "#a98100", "#6a9a18"
OLIVE, BROWN, SLATE, GRAY, DIM = "#84863a", "#a7714a", "#647fa3", "#858c96", "#6c7480"
VIOLET, MAUVE, RUST, FERN = "#7d66b8", "#a56a8c", "#b5533a", "#5f8f6a"
UNMATCHED = "_unmatched"
"""The endpoint of requests that match none."""
BY_NAME: Mapping[str, str] = {"blue": BLUE, "red": RED, "purple": PURPLE, "yellow": AMBER}
"""The colors that layers of annotations name."""
TONES = (
    *(CYAN, LIME, MAGENTA, INDIGO, BROWN, TEAL, OLIVE, PINK, SLATE, BLUE, AMBER),
    *(PURPLE, GREEN, ORANGE, SKY, ROSE, MINT, GRAY, VIOLET, RUST, DIM, MAUVE, FERN),
)
"""Colors for words that mean neither good nor bad, in the order in which they are given away."""


@dataclass(frozen=True)
class Look:
    """How series with a word look. What is None is left to the series' other words."""

    color: str | None = None
    dash: tuple[int, int] | None = None
    width: int | None = None

    def over(self, below: Look) -> Look:
        """This look where it says something, else the one below it."""
        return Look(self.color or below.color, self.dash or below.dash, self.width or below.width)


def _each(color: str, *words: str) -> dict[str, Look]:
    return dict.fromkeys(words, Look(color))


def _in_turn(words: Iterable[str]) -> dict[str, Look]:
    return {word: Look(TONES[place % len(TONES)]) for place, word in enumerate(words)}


LOOKS: Mapping[str, Look] = {
    "p50": Look(CYAN),
    "p95": Look(INDIGO, width=2),
    "p99": Look(MAGENTA),
    "online": Look(),
    "intermittent": Look(dash=(10, 5)),
    "air_gapped": Look(dash=(2, 4)),
    **dict.fromkeys(("rings", "rollbacks"), Look(dash=(8, 4))),
    **_in_turn(Job),
    **_in_turn(("control", "bulk", "drift")),
    **_in_turn(RING_KEYS),
    **_in_turn(RETENTION_ROWS.labels["table"]),
    **_each(BLUE, "publish", "select", "opened", "stored"),
    **_each(PURPLE, "withdraw"),
    **_each(SLATE, "find"),
    **_each(TEAL, "results", "updated"),
    **_each(BROWN, "inventory"),
    **_each(GREEN, "health", "insert", "lifted"),
    **_each(AMBER, "update", "cancel"),
    **_each(ORANGE, "declared", "listener"),
    **_each(RED, "delete", "deleted"),
    # Results, states and reasons: what the traffic light's colors are for.
    **_each(GREEN, "passed", "pass", "completed", "succeeded", "success", "ok", "in_time", "given", "auto"),
    **_each(GREEN, "closed", "healthy"),
    **_each(TEAL, "already_compliant", "rotated"),
    **_each(RED, "failed", "fail", "failure", "blocked", "killed", "5xx", "open", "unhealthy", "stalled", "P0"),
    **_each(RED, "csrf"),
    **_each(ORANGE, "error", "expired", "aborted", "late", "half_open", "missing", "P1"),
    **_each(ORANGE, "refused"),
    **_each(AMBER, "waived", "wait", "unreachable", "timeout", "transient", "paused", "4xx", "needs_person"),
    **_each(AMBER, "breaker", "P2", "limited"),
    **_each(BLUE, "created", "running", "requested", "received", "2xx", "installing", "manual", "sent", "version"),
    **_each(BLUE, "started"),
    **_each(SKY, "deferred", "scheduled"),
    **_each(INDIGO, "3xx", "P3", "dispatched", "window"),
    **_each(CYAN, "freeze", "person"),
    **_each(PINK, "emergency_stop"),
    **_each(PURPLE, "rejected", "permanent", "approval", "extra", "enqueue", "malformed"),
    **_each(MAGENTA, "conflict", "policy_violation", "login"),
    **_each(BROWN, "invalidated", "cancelled", "revoked"),
    **_each(SLATE, "duplicate", "inconclusive", "superseded", "rate", "scope", "service", "ended"),
    **_each(GRAY, "planning", "skipped", "not_applicable", "unknown", "other", "1xx", OTHER, UNMATCHED),
    **_each(DIM, "retired"),
}
"""The look of each value that a label can have."""

NAMES: Mapping[str, Look] = {
    **_in_turn(slo.title for slo in SLOS),
    **_each(RED, "HTTP 5xx", "write errors", "bad values", "process"),
    **_each(ORANGE, "jobs failed or killed", "cache full", "bad sample rates", "kernel"),
    **_each(PURPLE, "connector calls failed", "new series", "external port", "sending", "jobs waiting"),
    **_each(AMBER, "metrics dropped", "discarded", "left behind", "busy", "canaries", "formatting"),
    **_each(BLUE, "promotions not blocked", "1h", "database", "in use", "datagrams", "points"),
    **_each(BLUE, "requests", "statements", "queries", "computing", "memory", "size"),
    **_each(MAGENTA, "6h", "Redis"),
    **_each(TEAL, "alive", "pool size", "written", "lines", "series", "connections", "artifacts"),
    **_each(CYAN, "sweeps", "age", "lag", "metrics", "bytes", "write", "CPU", "left", "flush"),
}
"""The look of the names that panels give to series, where they differ from the looks of the words in them."""

READS: Mapping[str, str] = {
    "needs_person": "needs a person",
    "half_open": "half-open",
    "air_gapped": "air-gapped",
    OTHER: "other applications",
    UNMATCHED: "unknown address",
}
"""How people read a label's value, where that is more than spaces in place of underscores."""
_UNLISTED: Mapping[str, Sequence[str]] = {"app": [OTHER], "endpoint": [UNMATCHED], "job": list(Job)}
"""Words of labels whose values the catalogue does not list."""

_NODE = re.compile(r",(\d+)(?=[,)])")
_ALIAS = re.compile(r"alias\(.*,'([^']*)'\)", re.DOTALL)
_ADDED = re.compile(r"aliasSub\(.*,'[\^$]','([^']*)'\)", re.DOTALL)


def reads(word: str) -> str:
    """A label's value as people read it."""
    return READS.get(word, word.replace("_", " "))


def misread(metric: Metric, *labels: str) -> list[str]:
    """The values of these labels for which spaces in place of underscores are not enough."""
    values = (value for label in labels for value in values_of(metric, label))
    return [value for value in dict.fromkeys(values) if value in READS]


def values_of(metric: Metric, label: str) -> Sequence[str]:
    """The words that a label can have as its value."""
    return metric.labels[label] or _UNLISTED.get(label, ())


def look(name: str) -> Look:
    """How a series looks: by its name, else by the words in it."""
    merged = Look()
    for word, of_word in LOOKS.items():
        if f" {reads(word)} " in f" {name} ":
            merged = of_word.over(merged)
    return NAMES.get(name, merged).over(merged)


def named(target: str) -> str | None:
    """The name that a target gives to its one series, if it does."""
    given = _ALIAS.fullmatch(target)
    return given[1] if given else None


def said(targets: Sequence[str]) -> list[str]:
    """The words that the names of a panel's series can contain: values of the labels that targets name them after."""
    words: set[str] = set()
    for target in targets:
        nodes = {int(node) for node in _NODE.findall(target)}
        for metric in declared:
            if re.search(_paths(metric), target):
                named_after = (label for label in metric.labels if metric.node(label) in nodes)
                words.update(value for label in named_after for value in values_of(metric, label))
        for text in (_ADDED.fullmatch(target), _ALIAS.fullmatch(target)):
            words.update(word for word in LOOKS if text and f" {reads(word)} " in f" {text[1].strip()} ")
    return [word for word, look in LOOKS.items() if word in words and look != Look()]


def _paths(metric: Metric) -> str:
    literal = re.escape(metric.series("")).replace(r"\*", r"(?:\{[^}]*\}|[^.{},()]+|\$\{\w+\})")
    return literal.rstrip(".") + r"(?![\w])"


def overrides(targets: Sequence[str]) -> Iterator[tuple[str, Look]]:
    """Regular expressions of series names and the looks of what they match; a later one replaces an earlier one."""
    for it, words in groupby(said(targets), LOOKS.__getitem__):
        yield rf"/(^| )({'|'.join(map(reads, words))})( |$)/", it
    for name in dict.fromkeys(name for name in map(named, targets) if name is not None and name in NAMES):
        yield f"/^{re.escape(name)}$/".replace(r"\ ", " "), NAMES[name]
