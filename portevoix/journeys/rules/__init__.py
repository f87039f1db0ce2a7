"""Decisions about automations that need neither database nor clock."""
