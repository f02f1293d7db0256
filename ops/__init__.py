"""How the control plane's surroundings are configured and run."""
