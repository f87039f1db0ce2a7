"""The screens of mailings, inside Wagtail's back office."""
