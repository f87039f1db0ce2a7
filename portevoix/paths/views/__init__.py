"""Screens of paths and tasks."""
