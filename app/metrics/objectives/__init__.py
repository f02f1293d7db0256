"""Service level objectives, and the monthly report on whether they were met."""
