"""Commands on keys, and on what programs read that is about nobody."""
