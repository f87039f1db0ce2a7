"""Screens of access: signing in, one's own factors and sessions, the team."""
