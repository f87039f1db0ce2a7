"""Automations: they follow what happens to people, wait, decide, and act through the commands below."""
