"""Writes docs/access.md, who may use which path: `python -m ops.access [--check]`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask import Flask

from app.factory import create_app
from app.http.callers import is_open
from app.http.operations import operation_of
from app.identity.authentication import limits_of, roles_of
from app.identity.roles import Role
from app.identity.scopes import Limit
from ops.openapi import SETTINGS

PAGE = Path("docs/access.md")
HEAD = """# Who may use which path

Generated from the code by `make docs`; do not edit by hand. A dot: the role may. The last column names the
[limits](api.md#limits-of-tokens) that a path checks; a token with any other limit is refused there. Paths that need no
token are left out. A session of a person who has [logged in](security.md#logins) has one role, too, and no limits;
`POST /logout`, which exists only where people log in, is for sessions of any role.
"""


def rows(app: Flask) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Every method and path that needs a token, with the roles that may use it and the limits that it checks."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if operation_of(view) is None or is_open(view):
            continue
        path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            limits = limits_of(view, rule.arguments)
            yield method, path, roles_of(view, method), tuple(limit.value for limit in Limit if limit in limits)


def page(app: Flask) -> str:
    """The whole page."""
    roles = [role.value for role in Role]
    lines = [f"| path | {' | '.join(roles)} | limits |", f"| --- | {' | '.join([':-:'] * len(roles))} | --- |"]
    for method, path, may, limits in rows(app):
        dots = " | ".join("●" if role in may else "" for role in roles)
        lines.append(f"| `{method} {path}` | {dots} | {', '.join(limits)} |")
    return HEAD + "\n" + "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with `--check` only say whether it is stale."""
    os.environ.update(SETTINGS)
    text = page(create_app())
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    if "--check" in arguments:
        print(f"{PAGE} is stale: run `make docs`.", file=sys.stderr)
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
