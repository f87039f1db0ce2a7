"""Is a website lawful and sovereign? Judges any address; knows nothing of persons."""
