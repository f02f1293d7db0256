"""`make fuzz`: schemathesis, with all its checks and with calls that build on each other, over a running server.

It starts a stack of its own, rolls a release out and back there so that ids name something, and then sends what the
OpenAPI document allows and what it does not. `FUZZ_EXAMPLES` is how many requests are made up for each operation, by
default 200; the end says how many there were. Nothing else differs from a stack of `make up`, but for four things:

- Nothing is limited and no address is locked out: the checks send bad tokens, and as many requests as they can.
- `wait` and `seconds` are at most one second (`ops/fuzz/hooks.py`). Their longer values do the same for longer.
- A request that would end the run's own token, or take its subject's role, names another one (the same file).
- Statuses that mean "well-formed, but not now" are expected; `ops/fuzz/schemathesis.toml` names them with their reason.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from client import Client
from ops.fuzz.scene import play
from ops.local.paths import CHECKOUT
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack

FOLDER = Path(__file__).parent
PROFILE = '{"failure": 0, "silent": 0, "fastest_seconds": 0.1, "slowest_seconds": 0.5}'
SETTINGS = {
    "EUCORA_FAILED_LOGIN_LIMIT": "0",
    "EUCORA_TOKEN_RATE": "",
    "EUCORA_ADDRESS_RATE": "",
    "EUCORA_SIMULATED_PROFILE": PROFILE,
}
EXAMPLES = 200
"""For each operation and phase; what is worth trying is often less."""


def main() -> None:
    """Run on a stack of its own; ends with schemathesis' status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=int(os.environ.get("FUZZ_EXAMPLES", EXAMPLES)))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--only", default="", help="only operations whose id matches this regular expression")
    parser.add_argument("--report", default="", help="where the report is written as JSON")
    options = parser.parse_args()
    root, began = Path(tempfile.mkdtemp(prefix="eucora-")), time.monotonic()
    stack = Stack(
        root, Ports.free(), INFRASTRUCTURE + APPLICATION, durable=False, owner=os.getpid(), overrides=SETTINGS, tell=say
    )
    say("Starting the stack.")
    try:
        stack.start()
        say("Rolling a release out and back.")
        token = _token(stack)
        with Client(f"http://127.0.0.1:{stack.ports.api}", token) as client:
            own = play(client, say)
        say(f"Fuzzing with up to {options.examples} examples for each operation and phase.")
        status = _schemathesis(stack, token, own, options)
        say(f"Ended with status {status} after {time.monotonic() - began:.0f} s.")
        raise SystemExit(status)
    finally:
        stack.remove()


def say(message: str) -> None:
    """Print a message at once, even into a file."""
    print(message, flush=True)


def _token(stack: Stack) -> str:
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "tokens",
        "create",
        "--subject",
        "fuzz",
        "--role",
        "admin",
    ]
    environment = os.environ | stack.environment()
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def _schemathesis(stack: Stack, token: str, own: dict[str, int], options: argparse.Namespace) -> int:
    url = f"http://127.0.0.1:{stack.ports.api}/api/v1/openapi.json"
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(FOLDER / "schemathesis.toml")),
        *("run", url, "--header", f"Authorization: Bearer {token}"),
        *("--phases", options.phases),
        *("--max-examples", str(options.examples), "--seed", str(options.seed)),
        *(("--include-operation-id-regex", options.only) if options.only else ()),
        *(("--report-json-path", str(Path(options.report).resolve())) if options.report else ()),
    ]
    names = {f"FUZZ_OWN_{name.upper()}": str(number) for name, number in own.items()}
    environment = os.environ | names | {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    return subprocess.run(command, cwd=stack.root, env=environment, check=False).returncode


if __name__ == "__main__":
    main()
