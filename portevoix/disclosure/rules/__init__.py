"""Pure decisions of the way out: passwords, canaries."""
