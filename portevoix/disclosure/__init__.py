"""Data goes out: who, which fields, to whom, why; the only writers of files about people."""
