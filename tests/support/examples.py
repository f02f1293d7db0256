"""Hypothesis with the same examples in every run, whichever tests are selected."""

from __future__ import annotations

import importlib
import pkgutil

from hypothesis import settings

import app
import ops
import workers


def repeatable() -> None:
    """Let the examples follow from the tests and the code alone.

    Some are constants of whatever modules are loaded, so every module is: otherwise an example that fails in the
    whole run may not come when its test runs alone.
    """
    for package in (app, ops, workers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    settings.register_profile("repeatable", max_examples=60, derandomize=True, deadline=None, database=None)
    settings.load_profile("repeatable")
