"""`flask doctor`: checks every step from a measure to a dashboard, and suggests a fix for each fault."""
