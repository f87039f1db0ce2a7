"""The screens of keys, and what programs ask: each address parses, calls one act, and answers in JSON."""
