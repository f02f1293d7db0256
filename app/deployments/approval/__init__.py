"""Risk, evidence, approvals and break-glass: what may start a ring, and who says so."""
