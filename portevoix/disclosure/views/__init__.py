"""The ways out in the back office: exports, what is held on one person, where a leak comes from."""
