"""Which people? A tree of criteria compiled to one query."""
