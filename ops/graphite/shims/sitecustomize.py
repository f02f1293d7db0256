"""Restores functions that carbon, whisper and graphite-web 1.1.10 need and Python 3.11 to 3.13 no longer have.

This folder is on PYTHONPATH only while they are installed and while they run.
"""

import configparser
import inspect
import os
import sys


def _getargspec(function):
    """`inspect.getargspec`, removed in Python 3.11."""
    return tuple(inspect.getfullargspec(function)[:4])


def _formatargspec(args, varargs=None, varkw=None, defaults=None, *_unused):
    """`inspect.formatargspec`, removed in Python 3.11, for the four fields of `getargspec`."""
    parts = list(args)
    for index, default in enumerate(reversed(defaults or ()), start=1):
        parts[-index] = f"{parts[-index]}={default!r}"
    if varargs:
        parts.append("*" + varargs)
    if varkw:
        parts.append("**" + varkw)
    return "(" + ", ".join(parts) + ")"


if not hasattr(inspect, "getargspec"):
    inspect.getargspec = _getargspec
if not hasattr(inspect, "formatargspec"):
    inspect.formatargspec = _formatargspec
if not hasattr(configparser, "SafeConfigParser"):
    configparser.SafeConfigParser = configparser.ConfigParser
if not hasattr(configparser.RawConfigParser, "readfp"):
    configparser.RawConfigParser.readfp = configparser.RawConfigParser.read_file

# Last on the path, so modules that the standard library still has take precedence.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "removed"))
