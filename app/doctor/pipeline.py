"""Checks of the metrics pipeline: StatsD's two UDP ports, StatsD, carbon, and the losses each of them reports."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.addresses import authority
from app.doctor.check import SEE_GRAPHITE, START, CheckContext, CheckResult, CheckState, short
from app.metrics import catalogue as m, foreign
from app.metrics.emitter import Batch, Emitter, PackedClient
from app.metrics.projection import Measure
from app.metrics.reading.graphite import GraphiteUnavailable

EXTERNAL_CANARY = f"{m.PREFIX}.external.doctor.canary"
CARBON_CANARY = f"{m.PREFIX}.doctor.ingest"
LOSS_SECONDS = 600
REJECTED = "eucora.refused: "
"""What precedes a rejected line in the answer of StatsD's admin port; see ops/statsd/lines.js."""
FLUSH_SECONDS = 10
"""StatsD flushes every second; if its last flush is older than this, carbon does not accept them."""
BUFFER_BYTES = 4 * 1024 * 1024
"""The receive buffer that StatsD asks the kernel for."""
RMEM_MAX = Path("/proc/sys/net/core/rmem_max")


def udp_path(context: CheckContext) -> CheckResult:
    """A canary that is sent like every measure shows up in Graphite."""
    host, port = context.settings.statsd_host, context.settings.statsd_port
    address = authority(host, port)
    emitter = Emitter(host, port)
    emitter.refresh()
    batch = Batch()
    batch.add([Measure(m.DOCTOR_CANARY, m.DOCTOR_CANARY(), 1)])
    fix = f"Is StatsD on {address}/udp (EUCORA_STATSD_HOST, EUCORA_STATSD_PORT)? If so, see `statsd`, `carbon`."
    target = m.everywhere(m.DOCTOR_CANARY.series("count"))
    return _arrival(context, "udp path", target, lambda: emitter.send(batch), fix)


def external_port(context: CheckContext) -> CheckResult:
    """A canary that is sent like another program's metric shows up in Graphite."""
    host, port = context.settings.statsd_host, context.settings.statsd_external_port

    def send() -> None:
        client = PackedClient(host, port)
        client.send_packed(f"{EXTERNAL_CANARY}:1|c".encode())
        client.close()

    fix = (
        f"Is StatsD's second server on {authority(host, port)}/udp (EUCORA_STATSD_EXTERNAL_PORT)? "
        "If so, see `statsd`, `carbon`."
    )
    return _arrival(context, "external port", f"stats*.counters.{EXTERNAL_CANARY}.count", send, fix)


def _arrival(context: CheckContext, check: str, target: str, send: Callable[[], None], fix: str) -> CheckResult:
    """Send one canary, and wait until the total grows."""
    now = int(time.time())

    def total() -> float:
        return sum(series.total for series in context.graphite.render([target], now - 2, now + 60))

    try:
        before = total()
        send()
        seconds = context.wait_for(lambda: total() > before)
    except GraphiteUnavailable:
        return CheckResult(
            check, CheckState.FAIL, "cannot look for a canary: graphite-web does not respond", f"{SEE_GRAPHITE} {fix}"
        )
    except OSError as error:
        return CheckResult(check, CheckState.FAIL, f"a canary could not be sent: {short(error)}", fix)
    if seconds is None:
        detail = f"a canary was sent but not found within {context.patience:.0f} s"
        return CheckResult(check, CheckState.FAIL, detail, fix)
    return CheckResult(check, CheckState.OK, f"a canary was found in Graphite after {seconds:.1f} s")


def statsd(context: CheckContext) -> CheckResult:
    """StatsD reports that it is up and that its last flush is recent."""
    address = context.settings.statsd_host, context.settings.statsd_admin_port
    fix = (
        f"Start StatsD ({START}), or correct EUCORA_STATSD_HOST and EUCORA_STATSD_ADMIN_PORT. "
        "Until then, measures are lost."
    )
    try:
        health = _ask_statsd(address, "health", context.patience)
        stats = dict(line.split(": ", 1) for line in _ask_statsd(address, "stats", context.patience) if ": " in line)
        seconds_since_flush = float(stats.get("graphite.last_flush", "inf"))
    except (OSError, ValueError) as error:
        detail = f"{authority(*address)} does not respond: {short(error)}"
        return CheckResult("statsd", CheckState.FAIL, detail, fix)
    if "health: up" not in health:
        detail = " ".join(health) or "reports no health"
        return CheckResult("statsd", CheckState.FAIL, detail, "Send `health up` to its admin port.")
    uptime = int(stats.get("uptime", "0"))
    if seconds_since_flush > FLUSH_SECONDS and uptime > FLUSH_SECONDS:
        detail = f"up for {uptime:,} s, but carbon has not accepted a flush for {seconds_since_flush:.0f} s"
        return CheckResult(
            "statsd", CheckState.FAIL, detail, "See `carbon`; StatsD flushes to EUCORA_CARBON_HOST:EUCORA_CARBON_PORT."
        )
    return CheckResult("statsd", CheckState.OK, f"up for {uptime:,} s, last flush {seconds_since_flush:.0f} s ago")


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


def carbon(context: CheckContext) -> CheckResult:
    """A point that is sent with the line protocol can be read back."""
    host, port = context.settings.carbon_host, context.settings.carbon_port
    now = int(time.time())
    fix = f"Start carbon ({START}), or correct EUCORA_CARBON_HOST and EUCORA_CARBON_PORT."

    def read() -> bool:
        series = context.graphite.render([CARBON_CANARY], now - 20, now + 20)
        return any(value == now for one in series for value, _ in one.points)

    began = time.monotonic()
    try:
        with socket.create_connection((host, port), context.patience) as connection:
            connection.sendall(f"{CARBON_CANARY} {now} {now}\n".encode())
    except OSError as error:
        return CheckResult("carbon", CheckState.FAIL, f"{authority(host, port)} does not respond: {short(error)}", fix)
    try:
        if context.wait_for(read) is None:
            detail = f"a point was sent but not found within {context.patience:.0f} s"
            fix = "Does graphite-web read this carbon's folder? See the logs of both."
            return CheckResult("carbon", CheckState.FAIL, detail, fix)
    except GraphiteUnavailable:
        detail = "accepted a point that cannot be read back: graphite-web does not respond"
        return CheckResult("carbon", CheckState.FAIL, detail, SEE_GRAPHITE)
    return CheckResult("carbon", CheckState.OK, f"a point was sent and read back in {time.monotonic() - began:.1f} s")


CARBON_LOSSES = {
    "new series rejected": foreign.CARBON_DROPPED_CREATES,
    "failed writes": foreign.CARBON_ERRORS,
    "points rejected by a full cache": foreign.CARBON_CACHE_OVERFLOW,
}
STATSD_LOSSES = {
    "datagrams dropped by the kernel": m.everywhere(m.STATSD_KERNEL_DROPPED.series("count")),
    "unreadable values": foreign.STATSD_BAD_LINES.series,
    "unreadable sample rates": m.everywhere(m.STATSD_MALFORMED.series("count")),
    "lines rejected on the external port": m.everywhere(m.STATSD_EXTERNAL_DROPPED.series("count")),
    "measures that processes could not send": m.everywhere(m.EMITTER_DROPPED.series("count")),
}


def carbon_losses(context: CheckContext) -> CheckResult:
    """Carbon lost no points in the last ten minutes."""
    losses = {what: foreign_metric.series for what, foreign_metric in CARBON_LOSSES.items()}
    fix = (
        "Check MAX_CREATES_PER_MINUTE and MAX_CACHE_SIZE in ops/graphite/carbon.conf, the free disk space and "
        "carbon's log."
    )
    return _losses(context, "carbon losses", losses, CheckState.FAIL, fix)


def statsd_losses(context: CheckContext) -> CheckResult:
    """Nothing was lost on the way to StatsD in the last ten minutes, and StatsD rejected nothing."""
    fix = "Dropped by the kernel: see `rmem_max`. Unreadable or rejected: correct the sender."
    result = _losses(context, "statsd losses", STATSD_LOSSES, CheckState.WARN, fix)
    examples = _rejected_lines(context) if result.fix == fix else []
    return replace(result, detail="\n".join([result.detail, *examples]))


def _rejected_lines(context: CheckContext) -> list[str]:
    """The newest lines that StatsD rejected in the last ten minutes, each with the reason, the sender and the time."""
    address = context.settings.statsd_host, context.settings.statsd_admin_port
    try:
        stats = _ask_statsd(address, "stats", context.patience)
        samples = [json.loads(line.removeprefix(REJECTED)) for line in stats if line.startswith(REJECTED)]
    except (OSError, ValueError):
        return []  # the row `statsd` reports it
    return [
        f"`{sample['line']}` on port {sample['port']}: {sample['reason']} "
        f"({sample['lines']:,} lines; the newest at {datetime.fromtimestamp(sample['at'], UTC):%H:%M:%S} UTC "
        f"from {sample['sender']})"
        for sample in samples
        if time.time() - sample["at"] < LOSS_SECONDS
    ]


def _losses(context: CheckContext, check: str, losses: dict[str, str], state: CheckState, fix: str) -> CheckResult:
    """Sum each loss's series; any loss gives `state`."""
    minutes = LOSS_SECONDS // 60
    try:
        counts = {what: context.total([series], LOSS_SECONDS) for what, series in losses.items()}
    except GraphiteUnavailable:
        return CheckResult(check, CheckState.WARN, "unknown: graphite-web does not respond", SEE_GRAPHITE)
    lost = [f"{count:,.0f} {what}" for what, count in counts.items() if count]
    if lost:
        return CheckResult(check, state, f"{', '.join(lost)} in {minutes} minutes", fix)
    return CheckResult(check, CheckState.OK, f"none in {minutes} minutes")


def rmem_max(_context: CheckContext, file: Path = RMEM_MAX) -> CheckResult:
    """The kernel allows the receive buffer that StatsD asks for."""
    try:
        allowed = int(file.read_text())
    except (OSError, ValueError):
        return CheckResult("rmem_max", CheckState.OK, "not readable here: check it on StatsD's host")
    detail = f"net.core.rmem_max is {allowed:,} bytes; StatsD asks for {BUFFER_BYTES:,}"
    if allowed < BUFFER_BYTES:
        fix = (
            f"On StatsD's host, run `sysctl -w net.core.rmem_max={BUFFER_BYTES}` and add it to /etc/sysctl.d, then "
            "restart StatsD."
        )
        return CheckResult("rmem_max", CheckState.WARN, detail, fix)
    return CheckResult("rmem_max", CheckState.OK, detail)
