"""The formats in which data about people leaves."""
