"""A person comes in: match, create, record the source and the ground."""
