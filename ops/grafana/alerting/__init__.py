"""Alert rules for Grafana: declarations, the generator of provisioning files, and an evaluator for tests."""
