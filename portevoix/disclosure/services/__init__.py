"""Commands by which data about people leaves: each says to whom, which fields and why, and leaves a journal line."""
