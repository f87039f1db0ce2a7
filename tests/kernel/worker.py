"""The worker, run until nothing is left for it."""

from __future__ import annotations

import threading

from django.db import connections

from portevoix.kernel import jobs


def run_the_worker() -> None:
    """Run the worker in a thread of its own: a browser test may have left this one an event loop."""

    def run() -> None:
        try:
            jobs.run_worker(wait=False)
        finally:
            connections.close_all()

    worker = threading.Thread(target=run)
    worker.start()
    worker.join(150)
    assert not worker.is_alive(), "the worker is still at work after minutes"
