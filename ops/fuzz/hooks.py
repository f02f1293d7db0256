"""What schemathesis loads: how generated requests are changed before they are sent.

A valid `wait` or `seconds` becomes at most one second, and so does a `seconds` that is left out, which would be ten
minutes; invalid ones stay as they are. The run's own token and subject are replaced by ones that do not exist in
requests that would end them. How many requests were sent is printed from time to time.
"""

from __future__ import annotations

import itertools
import os
import time
from datetime import UTC, datetime
from typing import Any

import schemathesis
from hypothesis import strategies

SHORT = 1
LONGEST = {"wait": 60, "seconds": 600}
"""The parameters that make the server wait, with the longest time that the document allows."""
OWN = {
    "token_id": (os.environ.get("FUZZ_OWN_TOKEN", ""), {"revoke_token", "rotate_token"}),
    "subject_id": (os.environ.get("FUZZ_OWN_SUBJECT", ""), {"set_roles"}),
}
"""What must outlive the run, by the parameter that names it, and the operations that could end it."""
NOBODY = 2**62
TOLD_EVERY = 500
"""Requests between two lines about how many were sent."""
_sent, _began = itertools.count(1), time.monotonic()

schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(
        datetime(2000, 1, 2),  # noqa: DTZ001  # the zone is another strategy
        datetime(2999, 12, 30),  # noqa: DTZ001
        timezones=strategies.just(UTC),
    ).map(datetime.isoformat),
)


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Change one case; it is called before every request of every phase."""
    sent = next(_sent)
    if sent % TOLD_EVERY == 0:
        print(f"{sent:,} requests after {time.monotonic() - _began:.0f} s.", flush=True)
    operation = case.operation.definition.raw.get("operationId")
    if isinstance(case.query, dict):
        if operation == "stream_events":
            case.query.setdefault("seconds", SHORT)
        for name, longest in LONGEST.items():
            value = case.query.get(name)
            if str(value).isdecimal() and SHORT < int(str(value)) <= longest:
                case.query[name] = SHORT
    elif operation == "stream_events":
        case.query = {"seconds": SHORT}
    for name, (own, ending) in OWN.items():
        value = (case.path_parameters or {}).get(name)
        if operation in ending and str(value).lstrip("0") == own:
            case.path_parameters[name] = NOBODY
