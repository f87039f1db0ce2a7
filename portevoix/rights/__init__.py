"""The keeper of the three doors: grounds, withdrawals, the gate, personal-data handlers."""
