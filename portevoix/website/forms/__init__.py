"""Shapes of what is written about the public site."""
