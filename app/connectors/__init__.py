"""Connectors: the programs that install software, behind one protocol."""
