"""Commands of the automations: draw, publish, follow the spine, lead people on, tell addresses outside."""
