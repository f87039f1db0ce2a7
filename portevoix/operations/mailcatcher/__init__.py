"""The demo's post office: accepts every message by SMTP, delivers none, and shows them on a page.

Listens on this machine only. A message's HTML is shown in a frame that may run nothing and fetch nothing
but from the demo's own site, so that what is seen is what a careful mail program would show.
"""
