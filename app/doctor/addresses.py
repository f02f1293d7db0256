"""Check of the addresses in the settings: which name does not resolve, and which address this machine cannot use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.addresses import to_listen_on, to_send_to
from app.doctor.check import CheckContext, CheckResult, CheckState
from app.settings import Settings

FIX = (
    "Correct the setting, or the name service. An address with a colon is IPv6: it works only where both machines have "
    "one and the program listens on it."
)


def addresses(context: CheckContext) -> CheckResult:
    """Every host in the settings has an address that this machine can listen on or send to."""
    settings = context.settings
    checked = [("EUCORA_API_HOST", settings.api_host, to_listen_on)]
    checked += [(name, host, to_send_to) for name, hosts in remote_hosts(settings) for host in hosts]
    faults = [fault for name, host, check in checked if (fault := _fault(name, host, check))]
    if faults:
        return CheckResult("addresses", CheckState.FAIL, "; ".join(faults), FIX)
    return CheckResult("addresses", CheckState.OK, ", ".join(f"{name} {host}" for name, host, _ in checked))


def _fault(name: str, host: str, check: Callable[[str], str]) -> str:
    try:
        check(host)
    except OSError as error:
        use = "listened on" if check is to_listen_on else "reached"
        return f"{name}: {host!r} cannot be {use} from this machine: {error.strerror or error}"
    return ""


def remote_hosts(settings: Settings) -> Iterable[tuple[str, list[str]]]:
    """The settings that name other hosts, with their hosts; an address that is a path, or cannot be read, has none."""
    yield "EUCORA_STATSD_HOST", [settings.statsd_host]
    yield "EUCORA_CARBON_HOST", [settings.carbon_host]
    yield "EUCORA_GRAPHITE_URL", _of_url(settings.graphite_url)
    yield "EUCORA_DATABASE_URL", database_hosts(settings.database_url)
    yield "EUCORA_REDIS_URL", _of_url(settings.redis_url.get_secret_value())


def database_hosts(url: str) -> list[str]:
    """The hosts of PostgreSQL, of which there may be several: `?host=a,b`, or `host` several times."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return []  # the row `database` reports it
    listed = parsed.query.get("host", ())
    several = listed.split(",") if isinstance(listed, str) else listed
    hosts = [parsed.host or "", *(host.partition(":")[0] if host.count(":") == 1 else host for host in several)]
    return [host.strip("[]") for host in hosts if host and not host.startswith("/")]


def _of_url(url: str) -> list[str]:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return []
    return [host] if host else []
