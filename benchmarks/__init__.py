"""How fast the house is, each time against the simplest honest way of doing the same (see README.md)."""
