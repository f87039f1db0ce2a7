"""Commands on paths, on the places of people on them, and on tasks."""
