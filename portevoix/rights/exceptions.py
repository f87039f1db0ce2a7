"""The errors of the doors' keeper."""

from __future__ import annotations


class NotFromTheGate(TypeError):
    """An audience or a disclosure was made by hand; only ``rights.gate`` makes them."""


class LinkUnusable(Exception):
    """A signed link was altered, has expired, or names nobody any more."""


class ReceiptUnreadable(ValueError):
    """A receipt of the ledger is not one: a number, a dash and 64 hexadecimal digits."""
