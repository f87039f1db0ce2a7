"""Append-only: who did what, when, to how many. Never a personal value."""
