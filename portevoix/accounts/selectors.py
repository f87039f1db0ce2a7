"""Reads about the team."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from portevoix.accounts.models import Factor, Notice, User


def team() -> QuerySet[User]:
    """Return everybody with an account, with mandates, and whether they have a second factor and an invitation due."""
    return User.objects.annotate(
        is_protected=Exists(Factor.objects.filter(user=OuterRef("pk"))),
        is_invited=Exists(Notice.objects.due().filter(user=OuterRef("pk"), kind="invitation")),
    ).prefetch_related("mandates")
