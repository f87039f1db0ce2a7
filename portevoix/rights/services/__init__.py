"""The acts of rights: `grounds` gives and withdraws, `erasing` erases, `keeping` guards the ledger."""

from portevoix.rights.services.erasing import erase, forget, forget_all, lift
from portevoix.rights.services.grounds import choose, give, withdraw
from portevoix.rights.services.keeping import rebuild, verify

__all__ = ["choose", "erase", "forget", "forget_all", "give", "lift", "rebuild", "verify", "withdraw"]
