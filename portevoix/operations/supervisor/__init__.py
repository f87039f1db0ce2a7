"""Runs a whole campaign on one machine: the database, the site, the background worker and the mail catcher.

Loads nothing of Django, so that it is up at once and can tell clearly what is wrong before Django can.
Knows its children by their commands only.
"""
