"""Portevoix: a sovereign, lawful, all-in-one platform for political campaigns."""
