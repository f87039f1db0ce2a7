"""Commands on persons: who they are, how they are reached, what is written on their record."""

from portevoix.people.services.editing import edit, tag

__all__ = ["edit", "tag"]
