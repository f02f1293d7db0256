"""The demo: rolls one release through five rings of simulated devices over REST and checks the totals in Graphite."""
