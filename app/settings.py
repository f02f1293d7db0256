"""Every environment variable that the program reads, typed and documented.

If a value is invalid, the process does not start and the error names the variable.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from limits import parse
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app import addresses

Days = Annotated[int, BeforeValidator(lambda days: days or 0), Field(ge=0, le=36_500)]
"""How long something is kept, in days; 0 or empty: without end."""
Host = Annotated[str, AfterValidator(addresses.host)]
"""A name or an address; an IPv6 address may have brackets, which are removed."""

LONG_ENOUGH = 32
"""Characters of a key."""


def _checked_networks(text: str) -> str:
    addresses.networks(text)
    return text


def _checked_names(text: str) -> str:
    _names(text)
    return text


def _names(text: str) -> list[str]:
    """Names, comma separated; one that contains a comma is in quotation marks. Raises ValueError."""
    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise ValueError(
            f"{error}. Separate names by commas, and put one that contains a comma into quotation marks: "
            '"Notes, Pro",vpn'
        ) from None


def _checked_rate(rate: str) -> str:
    if rate.strip():
        try:
            parse(rate)
        except ValueError:
            raise ValueError("write a number and a period, as `100/second` or `6000/minute`") from None
    return rate.strip()


def _checked_path(path: str) -> str:
    path = path.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path):
        raise ValueError("must be a path such as /ddi, or empty")
    return path


def _checked_store(url: str) -> str:
    parts = urlsplit(url)
    is_folder, is_bucket = parts.scheme == "file" and not parts.netloc, parts.scheme == "s3" and bool(parts.netloc)
    if not ((is_folder and parts.path.strip("/")) or is_bucket) or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be file:///folder, or s3://bucket or s3://bucket/prefix without keys")
    return url


def _checked_redis(url: SecretStr) -> SecretStr:
    addresses.require_one_redis(url.get_secret_value())
    return url


SHORTEST_KEY = 32
RoleName = Literal["admin", "operator", "approver", "reporter", "viewer"]
"""The words of `identity.roles.Role`, which this module cannot import; a test compares them."""


def _checked_keys(keys: SecretStr) -> SecretStr:
    if any(len(key) < SHORTEST_KEY for key in _keys(keys)):
        raise ValueError(f"every key must have {SHORTEST_KEY} characters or more; separate them by commas")
    return keys


def _keys(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]


def _checked_event_keys(keys: SecretStr) -> SecretStr:
    if any(len(key) < LONG_ENOUGH for key in _keys(keys)):
        raise ValueError(f"write keys of {LONG_ENOUGH} characters or more, separated by commas")
    return keys


def _checked_scopes(scopes: str) -> str:
    if "openid" not in scopes.split():
        raise ValueError("must contain openid; separate scopes by blanks")
    return scopes


def _decoded(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text or "{}")
    except ValueError as error:
        raise ValueError(f'is not JSON, such as {{"release-team": "operator"}}: {error}') from None


SafeUrl = Annotated[str, AfterValidator(lambda url: addresses.safe_url(url) if url else url)]
"""An address of a web server: https, or http on this machine; without a query; empty: none."""


class Settings(BaseSettings):
    """Values come from the environment, then from `.local/env`, which the local stack writes."""

    model_config = SettingsConfigDict(env_prefix="EUCORA_", env_file=".local/env", extra="ignore", frozen=True)

    database_url: str = Field(description="SQLAlchemy URL of PostgreSQL, with the role the app runs as.")
    migration_database_url: str = Field(
        default="", description="URL with the role that owns the schema; empty: `EUCORA_DATABASE_URL`."
    )
    redis_url: Annotated[SecretStr, AfterValidator(_checked_redis)] = Field(
        description="Redis for RQ: `unix:///path/redis.sock`, `redis://:password@host:6379/0`, "
        "or `rediss://…` with TLS."
    )
    event_key: SecretStr = Field(
        min_length=LONG_ENOUGH, description="Key of the event chain (HMAC-SHA-256), 32 characters or more."
    )
    event_keys_before: Annotated[SecretStr, AfterValidator(_checked_event_keys)] = Field(
        default=SecretStr(""),
        description="Keys of the event chain that were replaced, newest first, separated by commas: they only verify.",
    )
    event_heads_file: str = Field(
        default="", description="File that gets the log's head every hour; empty: heads go to the program's log only."
    )

    event_archive_dir: str = Field(
        default="",
        description="Folder that events are moved to, for example a mounted volume; see `EUCORA_KEEP_EVENTS`.",
    )
    keep_events: Days = Field(
        default=0, description="Days that events stay in the database before they are archived; 0 or empty: always."
    )
    keep_reports: Days = Field(
        default=180, description="Days that reports of ended deployments are kept; 0 or empty: always."
    )
    keep_commands: Days = Field(
        default=365, description="Days that commands of ended deployments are kept; 0 or empty: always."
    )
    keep_gate_evaluations: Days = Field(
        default=365, description="Days that gate evaluations of ended deployments are kept; 0 or empty: always."
    )
    keep_measurements: Days = Field(
        default=180, description="Days that measurements of ended deployments are kept; 0 or empty: always."
    )
    keep_drift_findings: Days = Field(
        default=365, description="Days that drift findings are kept after they are resolved; 0 or empty: always."
    )
    keep_pull_feedback: Days = Field(
        default=90,
        description="Days that messages of pulling devices are kept once all devices have finished; 0: always.",
    )
    keep_idempotency_keys: Days = Field(
        default=7, description="Days that the responses to idempotency keys are kept; 0 or empty: always."
    )

    agents_path: Annotated[str, AfterValidator(_checked_path)] = Field(
        default="/ddi", description="Where devices that ask for their work find the API (DDI); empty: at the root."
    )
    artifacts_url: Annotated[str, AfterValidator(_checked_store)] = Field(
        default="file:.local/artifacts",
        description="Where artifacts are stored: `file:///folder`, the same on every host, or `s3://bucket/prefix`.",
    )
    artifacts_endpoint: str = Field(
        default="", description="Address of the S3-compatible server, such as `http://minio:9000`; empty: Amazon's."
    )
    artifacts_region: str = Field(default="us-east-1", description="Region of the bucket.")
    artifacts_access_key: str = Field(
        default="", description="Access key of the bucket; empty: what the machine provides, such as a role."
    )
    artifacts_secret_key: SecretStr = Field(default=SecretStr(""), description="Secret key that belongs to it.")
    artifacts_limit: int = Field(
        default=2 * 1024**3, ge=1024, le=64 * 1024**3, description="Largest artifact, in bytes."
    )
    artifacts_seconds: int = Field(
        default=3600, ge=1, le=86_400, description="Seconds that one upload or download of an artifact may take."
    )

    postgres_programs: str = Field(
        default="", description="Folder of `pg_dump` and `pg_restore`, for backups; empty: they are on the `PATH`."
    )
    whisper_dir: str = Field(
        default="",
        description="Folder of carbon's whisper files, if this machine has it, for backups and the doctor.",
    )

    api_host: Host = Field(default="127.0.0.1", description="Address the API listens on: a name, IPv4 or IPv6.")
    api_port: int = Field(default=8000, ge=1, le=65535, description="Port the API listens on.")
    trusted_proxies: Annotated[str, AfterValidator(_checked_networks)] = Field(
        default="",
        description="Addresses and networks of reverse proxies whose `X-Forwarded-*` headers count, comma separated.",
    )
    statsd_host: Host = Field(default="127.0.0.1", description="Host of StatsD; resolved again every 30 s.")
    statsd_port: int = Field(default=8125, ge=1, le=65535, description="StatsD's UDP port for our own metrics.")
    statsd_external_port: int = Field(
        default=8127,
        ge=1,
        le=65535,
        description="StatsD's UDP port for other programs (`eucora.external.*` only).",
    )
    statsd_admin_port: int = Field(default=8126, ge=1, le=65535, description="StatsD's admin port (TCP).")
    carbon_host: Host = Field(default="127.0.0.1", description="Host of carbon, for writing points to and checking it.")
    carbon_port: int = Field(default=2003, ge=1, le=65535, description="carbon's line receiver (TCP).")
    carbon_query_port: int = Field(default=7002, ge=1, le=65535, description="carbon's cache query port (TCP).")
    graphite_port: int = Field(default=8080, ge=1, le=65535, description="Port graphite-web listens on, locally.")
    graphite_url: str = Field(default="http://127.0.0.1:8080", description="graphite-web, for reading metrics back.")
    grafana_port: int = Field(default=3000, ge=1, le=65535, description="Port of Grafana (compose only).")

    db_pool_size: int = Field(default=8, ge=1, le=64, description="Database connections a process may hold.")
    body_limit: int = Field(default=1024 * 1024, ge=1024, description="Largest JSON request body, in bytes.")
    stream_limit: int = Field(default=256 * 1024 * 1024, ge=1024, description="Largest NDJSON or CSV upload, in bytes.")
    failed_login_limit: int = Field(
        default=30,
        ge=0,
        description="Tokens that are not accepted, per address and minute, after which the address is refused; "
        "0: no limit.",
    )
    token_rate: Annotated[str, AfterValidator(_checked_rate)] = Field(
        default="100/second",
        description="Requests that one token may send, as `100/second` or `6000/minute`; empty: any number.",
    )
    address_rate: Annotated[str, AfterValidator(_checked_rate)] = Field(
        default="50/second",
        description="Requests without a token, for pages and documentation, that one address may send; empty: any "
        "number.",
    )
    public_url: SafeUrl = Field(
        default="",
        description="Address at which browsers reach the API, with the path prefix of a proxy if there is one; "
        "`https://`, or `http://` on the loopback interface. Needed for logins.",
    )
    oidc_issuer: SafeUrl = Field(
        default="", description="Issuer of the OpenID Connect provider that people log in with; empty: tokens only."
    )
    oidc_client_id: str = Field(default="", description="The id of this client at the provider.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Its secret; empty: it is a public client, which PKCE protects alone."
    )
    oidc_scopes: Annotated[str, AfterValidator(_checked_scopes)] = Field(
        default="openid profile", description="Scopes that are asked for, separated by blanks; `openid` is one."
    )
    oidc_name_claim: str = Field(
        default="preferred_username", min_length=1, description="Claim that names the subject of a new person."
    )
    oidc_groups_claim: str = Field(
        default="groups",
        min_length=1,
        description="Claim with the person's groups, or a path to it: `realm_access.roles`.",
    )
    oidc_roles: Annotated[dict[str, RoleName], NoDecode, BeforeValidator(_decoded)] = Field(
        default_factory=dict, description='Roles by group, as JSON: `{"release-team": "operator"}`.'
    )
    oidc_logout_url: SafeUrl = Field(
        default="",
        description="Where the provider sends people after `POST /logout`, registered there; empty: they stay logged "
        "in at the provider.",
    )
    session_keys: Annotated[SecretStr, AfterValidator(_checked_keys)] = Field(
        default=SecretStr(""),
        description="Keys that sign the cookies of logins, 32 characters or more each, comma separated; the first "
        "signs, all are accepted.",
    )
    session_hours: int = Field(default=8, ge=1, le=168, description="Hours after which people log in again.")
    session_idle_minutes: int = Field(
        default=60, ge=0, le=10_080, description="Minutes without a request after which they do; 0: no such limit."
    )
    metric_applications: Annotated[str, AfterValidator(_checked_names)] = Field(
        default="",
        description="Applications with metrics of their own, comma separated, a name with a comma in quotation marks; "
        "all others are `_other`.",
    )
    remediation_share: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="Share of an application's devices on one platform and connector up to which drift is remediated "
        "automatically; above it, a person is asked.",
    )
    remediation_devices: int = Field(
        default=500, ge=1, description="The same as a number of devices; the lower of the two limits counts."
    )
    connectors_file: str = Field(
        default="", description="TOML file of the connectors; empty: there is one, `simulated`, with the profile below."
    )
    simulation: bool = Field(default=False, description="Let simulated connectors inject faults into calls.")
    simulated_profile: dict[str, Any] = Field(
        default_factory=dict, description="The devices and faults of the connector `simulated`, as JSON."
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Lowest level logged.")
    log_json: bool | None = Field(default=None, description="JSON log lines; empty: JSON unless on a terminal.")

    @model_validator(mode="after")
    def _archives_have_a_place(self) -> Settings:
        if self.keep_events and not self.event_archive_dir:
            raise ValueError(
                "EUCORA_KEEP_EVENTS needs EUCORA_EVENT_ARCHIVE_DIR: events are archived, never just deleted"
            )
        return self

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> Settings:
        if bool(self.artifacts_access_key) is not bool(self.artifacts_secret_key.get_secret_value()):
            raise ValueError("EUCORA_ARTIFACTS_ACCESS_KEY and EUCORA_ARTIFACTS_SECRET_KEY are set together, or neither")
        return self

    @model_validator(mode="after")
    def _logins_are_complete(self) -> Settings:
        if not self.oidc_issuer:
            return self
        needed = {
            "EUCORA_OIDC_CLIENT_ID": self.oidc_client_id,
            "EUCORA_OIDC_ROLES": self.oidc_roles,
            "EUCORA_PUBLIC_URL": self.public_url,
            "EUCORA_SESSION_KEYS": self.signing_keys,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f"EUCORA_OIDC_ISSUER needs {', '.join(missing)} too; see docs/security.md#logins")
        return self

    @property
    def event_keys(self) -> list[bytes]:
        """All keys of the event chain, in the order in which they were used."""
        return [key.encode() for key in (*reversed(_keys(self.event_keys_before)), self.event_key.get_secret_value())]

    @property
    def signing_keys(self) -> list[str]:
        """The keys of cookies, the newest first."""
        return _keys(self.session_keys)

    @property
    def trusted_networks(self) -> list[addresses.Network]:
        """The networks of trusted reverse proxies."""
        return addresses.networks(self.trusted_proxies)

    @property
    def applications_with_metrics(self) -> list[str]:
        """The applications that have metrics of their own."""
        return [name.strip() for name in _names(self.metric_applications)]

    @property
    def owner_database_url(self) -> str:
        """URL with the role that owns the schema."""
        return self.migration_database_url or self.database_url


def setting_of(location: Sequence[int | str]) -> str:
    """The environment variable that an error is about; one about several names them in its text."""
    if not location:
        return "settings"
    return " ".join([f"EUCORA_{str(location[0]).upper()}", *map(str, location[1:])])


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The process's settings, read once. An invalid one ends the program with an error that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        invalid = [f"  {setting_of(detail['loc'])}: {detail['msg']}" for detail in error.errors()]
        advice = "`make up` starts a stack and writes .local/env; elsewhere, set them in the environment."
        raise SystemExit("\n".join(["Settings are missing or invalid:", *invalid, advice])) from error
