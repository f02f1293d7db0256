"""The stack that measurements run on: a whole one of their own, on free ports."""

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


@contextmanager
def whole_stack(settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """Everything that `make up` starts, with these settings; this process reads them too."""
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    stack = Stack(root, Ports.free(), INFRASTRUCTURE + APPLICATION, owner=os.getpid(), overrides=settings)
    stack.start()
    os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
    try:
        yield stack
    finally:
        stack.remove()


def new_token() -> str:
    """A token of the running stack."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--subject", "bench"]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()


def measured_apart(module: str) -> list[tuple[str, str, str]]:
    """What `python -m module --json` has measured, in a process of its own."""
    command = [sys.executable, "-m", module, "--json"]
    found = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(what, measured, goal) for what, measured, goal in json.loads(found.splitlines()[-1])]
