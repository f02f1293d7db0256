"""`make fuzz`: schemathesis, with all its checks and with calls that build on each other, over a running server.

It starts a stack of its own, rolls a release out there so that ids name something, and then sends what the OpenAPI
document allows and what it does not. `FUZZ_EXAMPLES=20 make fuzz` is quick; the default makes more than 20,000 cases.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.local.paths import CHECKOUT
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack

SETTINGS = {"EUCORA_FAILED_LOGIN_LIMIT": "0", "EUCORA_TOKEN_RATE": "", "EUCORA_ADDRESS_RATE": ""}
"""Nothing is limited: the checks send bad tokens, and as many requests as they can."""
ENDING = ("revoke_token", "rotate_token", "revoke_subject")
"""Operations that would end the token of the run; `tests/identity` has them."""


def main() -> None:
    """Run on a stack of its own; ends with schemathesis' status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=int(os.environ.get("FUZZ_EXAMPLES", "200")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", default="", help="where the report is written as JSON")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    stack = Stack(
        root, Ports.free(), INFRASTRUCTURE + APPLICATION, durable=False, owner=os.getpid(), overrides=SETTINGS
    )
    stack.start()
    try:
        flask(stack, "demo")
        token = flask(stack, "tokens", "create", "--subject", "fuzz").strip()
        raise SystemExit(_schemathesis(stack, token, options))
    finally:
        stack.remove()


def flask(stack: Stack, *arguments: str) -> str:
    """What a command of `flask` prints."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    environment = os.environ | stack.environment()
    return subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def _schemathesis(stack: Stack, token: str, options: argparse.Namespace) -> int:
    url = f"http://127.0.0.1:{stack.ports.api}/api/v1/openapi.json"
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", url),
        *("--header", f"Authorization: Bearer {token}"),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", str(options.examples), "--seed", str(options.seed), "--workers", "2"),
        *("--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "120"),
        *(part for operation in ENDING for part in ("--exclude-operation-id", operation)),
        *(("--report-json-path", options.report) if options.report else ()),
    ]
    return subprocess.run(command, cwd=stack.root, env=os.environ, check=False).returncode


if __name__ == "__main__":
    main()
