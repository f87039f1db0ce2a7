"""The demo's operator: behaves as OVHcloud's SMS interface does, sends nothing, and shows each telephone on a page.

Listens on this machine only. Whoever looks may answer as the telephone's owner would, STOP included: the answer goes
to the campaign by the same calls that the real provider makes.
"""
