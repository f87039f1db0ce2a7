"""Commands of the registers: describe processors, keep versions, record breaches, assess."""
