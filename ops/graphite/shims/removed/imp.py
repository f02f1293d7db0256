"""The names of the module `imp`, removed in Python 3.12, that graphite-web uses."""

import importlib.machinery
import importlib.util
import sys
import types

PY_SOURCE = 1
PKG_DIRECTORY = 5


def new_module(name):
    """Return an empty module."""
    return types.ModuleType(name)


def load_source(name, path, _file=None):
    """Import the source file `path` as `name`."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_module(name, path=None):
    """Find a module or a package; returns the arguments of `load_module`."""
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if spec is None or spec.origin is None:
        raise ImportError(f"no module named {name}")
    if spec.submodule_search_locations:
        return None, spec.submodule_search_locations[0], ("", "", PKG_DIRECTORY)
    return open(spec.origin), spec.origin, (".py", "r", PY_SOURCE)


def load_module(name, file, pathname, description):
    """Import a module that `find_module` located."""
    if description[2] == PKG_DIRECTORY:
        pathname = f"{pathname}/__init__.py"
    return load_source(name, pathname, file)
