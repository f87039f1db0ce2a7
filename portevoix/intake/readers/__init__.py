"""Files with people in them, read as a stream: what is open, in which encoding, cut into which cells."""
