"""Persons, their contact points, tags, and the spine: what happened to each."""
