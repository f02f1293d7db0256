"""The way of a measure: our UDP port and the external one, StatsD, carbon, and what each says it lost."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

from app.doctor.finding import SEE_GRAPHITE, START, Finding, Place, State, short
from app.metrics import catalogue as m, foreign
from app.metrics.emitter import Batch, Emitter
from app.metrics.projection import Measure
from app.metrics.reading.graphite import GraphiteUnavailable

EXTERNAL_CANARY = f"{m.PREFIX}.external.doctor.canary"
CARBON_CANARY = f"{m.PREFIX}.doctor.ingest"
LOSS_SECONDS = 600
FLUSH_SECONDS = 10
"""StatsD flushes each second; after so many without a flush, carbon does not take them."""
WANTED_BUFFER = 4 * 1024 * 1024
RMEM_MAX = Path("/proc/sys/net/core/rmem_max")


def udp_path(place: Place) -> Finding:
    """A canary leaves as every measure does and is found in Graphite."""
    host, port = place.settings.statsd_host, place.settings.statsd_port
    emitter = Emitter(host, port)
    emitter.refresh()
    batch = Batch()
    batch.add([Measure(m.DOCTOR_CANARY, m.DOCTOR_CANARY(), 1)])
    fix = f"Is StatsD on {host}:{port}/udp (EUCORA_STATSD_HOST, EUCORA_STATSD_PORT)? Then see `statsd`, `carbon`."
    target = m.everywhere(m.DOCTOR_CANARY.series("count"))
    return _arrival(place, "udp path", target, lambda: emitter.send(batch), fix)


def external_port(place: Place) -> Finding:
    """What another program would push is found in Graphite."""
    host, port = place.settings.statsd_host, place.settings.statsd_external_port

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(f"{EXTERNAL_CANARY}:1|c".encode(), (host, port))

    fix = f"Is StatsD's second server on {host}:{port}/udp (EUCORA_STATSD_EXTERNAL_PORT)? Then see `statsd`, `carbon`."
    return _arrival(place, "external port", f"stats*.counters.{EXTERNAL_CANARY}.count", send, fix)


def _arrival(place: Place, check: str, target: str, send: Callable[[], None], fix: str) -> Finding:
    """Send once, and look for one more than there was."""
    now = int(time.time())

    def total() -> float:
        return sum(one.total for one in place.graphite.render([target], now - 2, now + 60))

    try:
        before = total()
        send()
        seconds = place.seen(lambda: total() > before)
    except GraphiteUnavailable:
        return Finding(
            check, State.FAIL, "a canary cannot be looked for: graphite-web does not answer", f"{SEE_GRAPHITE} {fix}"
        )
    except OSError as error:
        return Finding(check, State.FAIL, f"a canary could not be sent: {short(error)}", fix)
    if seconds is None:
        return Finding(check, State.FAIL, f"a canary was sent and not found within {place.patience:.0f} s", fix)
    return Finding(check, State.OK, f"a canary was found in Graphite after {seconds:.1f} s")


def statsd(place: Place) -> Finding:
    """StatsD says that it is up, and that its last flush is recent."""
    address = place.settings.statsd_host, place.settings.statsd_admin_port
    fix = f"Start StatsD ({START}), or correct EUCORA_STATSD_HOST and EUCORA_STATSD_ADMIN_PORT. Measures are lost."
    try:
        health = _ask_statsd(address, "health", place.patience)
        told = dict(line.split(": ", 1) for line in _ask_statsd(address, "stats", place.patience) if ": " in line)
        flushed = float(told.get("graphite.last_flush", "inf"))
    except (OSError, ValueError) as error:
        return Finding("statsd", State.FAIL, f"{address[0]}:{address[1]} does not answer: {short(error)}", fix)
    if "health: up" not in health:
        return Finding("statsd", State.FAIL, " ".join(health) or "says nothing", "Ask its admin port for `health up`.")
    up = int(told.get("uptime", "0"))
    if flushed > FLUSH_SECONDS and up > FLUSH_SECONDS:
        detail = f"up for {up:,} s, but carbon has not taken a flush for {flushed:.0f} s"
        return Finding(
            "statsd", State.FAIL, detail, "See `carbon`; StatsD flushes to EUCORA_CARBON_HOST:EUCORA_CARBON_PORT."
        )
    return Finding("statsd", State.OK, f"up for {up:,} s, last flush {flushed:.0f} s ago")


def _ask_statsd(address: tuple[str, int], command: str, seconds: float) -> list[str]:
    with socket.create_connection(address, seconds) as connection:
        connection.sendall(f"{command}\n".encode())
        lines: list[str] = []
        with connection.makefile() as answer:
            for line in iter(answer.readline, ""):
                lines.append(line.strip())
                if line.startswith(("END", "health: ", "ERROR")):
                    break
        return lines


def carbon(place: Place) -> Finding:
    """A point that is written by the line protocol can be read back."""
    host, port = place.settings.carbon_host, place.settings.carbon_port
    now = int(time.time())
    fix = f"Start carbon ({START}), or correct EUCORA_CARBON_HOST and EUCORA_CARBON_PORT."

    def read() -> bool:
        series = place.graphite.render([CARBON_CANARY], now - 20, now + 20)
        return any(value == now for one in series for value, _ in one.points)

    began = time.monotonic()
    try:
        with socket.create_connection((host, port), place.patience) as connection:
            connection.sendall(f"{CARBON_CANARY} {now} {now}\n".encode())
    except OSError as error:
        return Finding("carbon", State.FAIL, f"{host}:{port} does not answer: {short(error)}", fix)
    try:
        if place.seen(read) is None:
            detail = f"a point was written and not found within {place.patience:.0f} s"
            return Finding("carbon", State.FAIL, detail, "Does graphite-web read this carbon's folder? See both logs.")
    except GraphiteUnavailable:
        return Finding(
            "carbon", State.FAIL, "took a point that cannot be read back: graphite-web does not answer", SEE_GRAPHITE
        )
    return Finding("carbon", State.OK, f"a point was written and read back in {time.monotonic() - began:.1f} s")


CARBON_LOSSES = {
    "new series refused": foreign.CARBON_DROPPED_CREATES,
    "writes failed": foreign.CARBON_ERRORS,
    "points refused by a full cache": foreign.CARBON_CACHE_OVERFLOW,
}
STATSD_LOSSES = {
    "datagrams dropped by the kernel": m.everywhere(m.STATSD_KERNEL_DROPPED.series("count")),
    "unreadable values": foreign.STATSD_BAD_LINES.series,
    "unreadable sample rates": m.everywhere(m.STATSD_MALFORMED.series("count")),
    "lines refused on the external port": m.everywhere(m.STATSD_EXTERNAL_DROPPED.series("count")),
    "measures that processes could not send": m.everywhere(m.EMITTER_DROPPED.series("count")),
}


def carbon_losses(place: Place) -> Finding:
    """Nothing that came to carbon was lost lately."""
    named = {what: it.series for what, it in CARBON_LOSSES.items()}
    fix = "MAX_CREATES_PER_MINUTE and MAX_CACHE_SIZE in ops/graphite/carbon.conf; a full disk; carbon's log."
    return _losses(place, "carbon losses", named, State.FAIL, fix)


def statsd_losses(place: Place) -> Finding:
    """Nothing was lost lately on the way to StatsD, and nothing was refused."""
    fix = "Dropped by the kernel: see `rmem_max`. Unreadable or refused: the sender, named in StatsD's log."
    return _losses(place, "statsd losses", STATSD_LOSSES, State.WARN, fix)


def _losses(place: Place, check: str, named: dict[str, str], state: State, fix: str) -> Finding:
    minutes = LOSS_SECONDS // 60
    try:
        lost = {what: place.total([series], LOSS_SECONDS) for what, series in named.items()}
    except GraphiteUnavailable:
        return Finding(check, State.WARN, "unread: graphite-web does not answer", SEE_GRAPHITE)
    found = [f"{count:,.0f} {what}" for what, count in lost.items() if count]
    if found:
        return Finding(check, state, f"{', '.join(found)} in {minutes} minutes", fix)
    return Finding(check, State.OK, f"none in {minutes} minutes")


def rmem_max(_place: Place, file: Path = RMEM_MAX) -> Finding:
    """The kernel grants the receive buffer that StatsD asks for."""
    try:
        allowed = int(file.read_text())
    except (OSError, ValueError):
        return Finding("rmem_max", State.OK, "not to be seen here: look at it on StatsD's host")
    detail = f"net.core.rmem_max is {allowed:,} bytes; StatsD asks for {WANTED_BUFFER:,}"
    if allowed < WANTED_BUFFER:
        fix = (
            f"On StatsD's host: `sysctl -w net.core.rmem_max={WANTED_BUFFER}` (and /etc/sysctl.d), then restart StatsD."
        )
        return Finding("rmem_max", State.WARN, detail, fix)
    return Finding("rmem_max", State.OK, detail)
