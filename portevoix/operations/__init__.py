"""What the host runs: demo, server, worker, doctor."""
