"""Benchmarks: one module for each kind of figure that the README quotes; `make bench` runs them all."""
