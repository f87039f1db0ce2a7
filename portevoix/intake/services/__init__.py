"""The ways in: one form at a time, or a file at a time."""
