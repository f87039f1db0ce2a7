"""From what was seen to what is said: pure functions, each finding with its evidence and the rule that found it."""
