"""Roots for local stacks: short paths, for a unix socket's path has at most 107 bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.local.stack import Ports, Stack

StackMaker = Callable[..., Stack]


@pytest.fixture(scope="module")
def make_stack() -> Iterator[StackMaker]:
    """Make stacks with roots of their own, which are removed at the end of the module."""
    made: list[Stack] = []

    def make(*programs: str, ports: Ports | None = None) -> Stack:
        root = Path(tempfile.mkdtemp(prefix="eucora-"))
        stack = Stack(root, ports or Ports.free(), programs, durable=False, owner=os.getpid())
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.remove()
