"""Staff: users, roles, territorial mandates, and the command: one act, one permission, one journal line."""
