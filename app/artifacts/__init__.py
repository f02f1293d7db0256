"""Artifacts: the files of releases and of their evidence, each stored once under the SHA-256 of its content."""
