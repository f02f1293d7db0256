"""The demonstration: one release through five rings of simulated devices, over REST, checked against Graphite."""
