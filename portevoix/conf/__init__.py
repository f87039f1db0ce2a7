"""Composition root: settings, addresses, entry points. Nobody imports it."""
