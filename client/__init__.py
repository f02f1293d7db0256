"""The Python client of the EUCORA control plane: typed, synchronous, built on httpx and nothing else.

    from client import Client, Problem

    with Client("https://eucora.example", token) as eucora:
        created = eucora.deployments.create(
            application="vpn-client",
            version="2.1.0",
            platform="windows",
            artifact_hash="sha256:…",
            plan="standard",
            scope={"tags": ["laptop"]},
        )
        for assignment in eucora.deployments.each_assignment(created["id"], status="failed"):
            print(assignment["external_id"], assignment["reason"])
        try:
            eucora.deployments.pause(created["id"], "a look at the failures", if_match=created["version"])
        except Problem as problem:
            print(problem.type, problem.detail)

Every operation of the REST API is a method of one of these objects: `deployments`, `ring_plans`, `devices`, `reports`,
`incidents`, `freezes`, `emergency_stops`, `connectors`, `drift`, `events`, `metrics`, `dashboards`, `artifacts` and
`health`.

- Methods return the API's JSON. `client.types` describes it, and the request bodies, as TypedDicts. Times in answers
  are ISO 8601 strings in UTC.
- `list` returns one page, `each` iterates over all of them.
- A mutation carries an `Idempotency-Key`, a new one for each call unless you pass `idempotency_key`, so a request whose
  answer was lost is retried without being executed twice. `if_match` takes the `version` that a decision is based on.
- `upload` sends CSV or NDJSON lines and returns an iterator over the results of the lines.
- `artifacts.upload` and `artifacts.download` send and fetch files as streams; a download that broke off goes on.
- `deployments.wait_for` returns when a deployment has changed, `events.stream` iterates over events as they are
  committed; neither polls.
- A rejected request raises `Problem`, a missing answer `Unreachable`, an upload that stopped early `UploadStopped`. All
  are subclasses of `ClientError`.

A client is thread-safe.
"""

from client.client import Client
from client.errors import (
    ClientError,
    DamagedDownload,
    FieldError,
    Problem,
    StillWaiting,
    Unreachable,
    UploadStopped,
)

__all__ = [
    "Client",
    "ClientError",
    "DamagedDownload",
    "FieldError",
    "Problem",
    "StillWaiting",
    "Unreachable",
    "UploadStopped",
]
