"""The stack that benchmarks run on: a separate, complete one on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack

CHECKOUT = Path(__file__).parents[1]
UNLIMITED = {"EUCORA_TOKEN_RATE": "", "EUCORA_ADDRESS_RATE": ""}
"""One client sends what many would."""


@contextmanager
def whole_stack(settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """Start everything that `make up` starts, with these settings, which this process reads too, and without limits."""
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    overrides = {**UNLIMITED, **(settings or {})}
    stack = Stack(root, Ports.free(), INFRASTRUCTURE + APPLICATION, owner=os.getpid(), overrides=overrides)
    stack.start()
    os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
    try:
        yield stack
    finally:
        stack.remove()


def new_token(*options: str) -> str:
    """Create a token on the running stack."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--subject", "bench", *options]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()


def measured_apart(module: str) -> list[tuple[str, str, str]]:
    """The figures that `python -m module --json` prints, measured in a separate process."""
    command = [sys.executable, "-m", module, "--json"]
    printed = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(what, measured, goal) for what, measured, goal in json.loads(printed.splitlines()[-1])]
