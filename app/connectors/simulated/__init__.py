"""The simulated vendor: seeded devices that install, fail, stay silent and drift as a profile says."""
