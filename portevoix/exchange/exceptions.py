"""The errors of imports."""

from __future__ import annotations


class SomebodyIsAtIt(Exception):
    """Another process works on this import, or died so lately that the database has not noticed."""
