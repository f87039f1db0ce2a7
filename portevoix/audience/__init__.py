"""Visits, never visitors: counts without cookie, identifier or address."""
