"""Risk, evidence, approvals and break-glass: what a ring needs to start, and who decides."""
