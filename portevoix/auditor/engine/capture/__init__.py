"""A real browser visits a site and all that it does is written down. Nothing here judges."""
