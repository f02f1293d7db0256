"""Drift: devices whose installed version, as their connector reports it, differs from the expected one."""
