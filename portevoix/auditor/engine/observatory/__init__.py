"""Many sites side by side, and each through time: static pages that any server can publish."""
