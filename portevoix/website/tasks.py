"""What the site does at an appointed time."""

from __future__ import annotations

from django.core.management import call_command

from portevoix.kernel import jobs


@jobs.periodic("* * * * *", name="website.publish_scheduled")
def publish_scheduled() -> None:
    """Publish the pages whose hour has come, and withdraw those whose hour has passed: Wagtail's own command.

    Each minute: what must be gone before midnight, when propaganda ends (code électoral, art. L. 49), is gone by then.
    """
    call_command("publish_scheduled", verbosity=0)
