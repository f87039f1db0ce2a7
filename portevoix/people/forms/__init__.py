"""What staff are asked about a person."""
