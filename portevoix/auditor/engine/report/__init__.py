"""The answer, written: JSON with its schema, a page that needs nothing else, a PDF, an archive to judge again."""
