"""Letters to a segment: compose, test, send, measure."""
