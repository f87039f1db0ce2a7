"""The door for programs: the campaign's own acts over HTTP, each by a key that does no more than whoever made it."""
