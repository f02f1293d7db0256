"""Risk, evidence, sign-off and breaking the glass: what may start a ring, and who says so."""
