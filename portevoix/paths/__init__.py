"""Paths that a campaign leads people along, step by step, and the tasks that this takes."""
