"""The SMTP side: accepts everything, on this machine only."""

from __future__ import annotations

from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

from portevoix.operations.mailcatcher.store import Store

LARGEST_MESSAGE = 32 * 1024 * 1024


class Catch:
    """What aiosmtpd calls at the end of each message."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        self.store.save(
            content if isinstance(content, bytes) else content.encode(),
            sender=envelope.mail_from or "",
            recipients=[str(address) for address in envelope.rcpt_tos],
        )
        return "250 2.0.0 Caught"


def protocol(store: Store) -> Callable[[], SMTP]:
    """Return what makes one connection's protocol."""
    handler = Catch(store)
    # The name is given so that the machine's own, which may take seconds to look up, is not asked for.
    return lambda: SMTP(
        handler, hostname="localhost", ident="Portevoix", enable_SMTPUTF8=True, data_size_limit=LARGEST_MESSAGE
    )
