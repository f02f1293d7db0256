"""The command line of the generators: write committed files, or check that they are up to date."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(
    contents: Mapping[Path, str], *, left_over: Collection[Path], description: str, arguments: list[str] | None
) -> int:
    """Write each file's content and delete those `left_over` from earlier runs; returns the exit code.

    With `--check` nothing is written: stale files are named on standard error, and the exit code is 1 if there are any.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    if parser.parse_args(arguments).check:
        changed = {path for path, content in contents.items() if not path.exists() or path.read_text() != content}
        stale = sorted(changed.union(left_over))
        for path in stale:
            print(f"{os.path.relpath(path, ROOT)} is stale: run `make dashboards` and commit it.", file=sys.stderr)
        return 1 if stale else 0
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for path in left_over:
        path.unlink()
    return 0
