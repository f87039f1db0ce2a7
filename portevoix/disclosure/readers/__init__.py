"""Reading what comes back: files found outside."""
