"""Runs the whole stack on one machine, without Docker and without root."""
