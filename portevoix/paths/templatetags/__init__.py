"""Words that the templates of paths need."""
