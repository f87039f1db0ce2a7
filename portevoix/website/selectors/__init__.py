"""Reads of the public site."""

from portevoix.website.selectors.shell import Shell

__all__ = ["Shell"]
