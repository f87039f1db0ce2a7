"""The screens of automations."""
