"""`flask doctor`: one look at every part of the way, with what to do about each fault."""
