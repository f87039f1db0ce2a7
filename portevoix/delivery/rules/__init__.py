"""Decisions of the outbox that need neither database nor network."""
