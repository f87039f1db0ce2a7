"""What the campaign may do with a person's data, by which channel, on which ground; and the words people agree to.

Texts of law: RGPD art. 6, 7 and 9; loi Informatique et Libertés; CPCE art. L. 34-5. Checked on 2026-11-24.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    PHONE = "phone", _("telephone")
    POST = "post", _("post")


class Purpose(models.TextChoices):
    """Why data is used. A purpose is never renamed: grounds and the journal name it."""

    NEWSLETTER = "newsletter", _("news of the campaign by e-mail")
    TEXTS = "texts", _("news of the campaign by text message")
    CALLS = "calls", _("calls by volunteers")
    SERVICE = "service", _("messages that a person's own request needs")


class Basis(models.TextChoices):
    """The lawful ground (RGPD art. 6 and 9)."""

    CONSENT = "consent", _("consent given here")
    DECLARED_AT_IMPORT = "declared_at_import", _("consent declared by an imported file")
    REQUEST = "request", _("the person's own request")


class Act(models.TextChoices):
    """What an entry of the ledger says. Never renamed: the hashes are made of these words."""

    GIVEN = "given", _("given")
    IMPORTED = "imported", _("declared by a file")
    REQUESTED = "requested", _("follows from a request")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MOVED = "moved", _("moved to another record of the same person")
    REOPENED = "reopened", _("in force again")
    CORRECTED = "corrected", _("corrected")
    REMOVED = "removed", _("removed")
    ERASED = "erased", _("person erased")
    RETURNED = "returned", _("person came back by themselves")


#: The channel of each purpose that a person can accept or refuse on its own.
OPTIONAL: dict[Purpose, Channel] = {
    Purpose.NEWSLETTER: Channel.EMAIL,
    Purpose.TEXTS: Channel.SMS,
    Purpose.CALLS: Channel.PHONE,
}

#: The words of each question, by language: explicit on political opinions (RGPD art. 9(2)(a)).
#: Changing one makes a new version; old grounds keep the old words.
WORDINGS: dict[Purpose, dict[str, str]] = {
    Purpose.NEWSLETTER: {
        "fr": "J’accepte de recevoir par e-mail les nouvelles de la campagne, et je sais que cela peut révéler "
        "mes opinions politiques.",
        "en": "I agree to receive news of the campaign by e-mail, and I know that this may reveal my political "
        "opinions.",
    },
    Purpose.TEXTS: {
        "fr": "J’accepte de recevoir par SMS les nouvelles de la campagne, et je sais que cela peut révéler "
        "mes opinions politiques.",
        "en": "I agree to receive news of the campaign by text message, and I know that this may reveal my "
        "political opinions.",
    },
    Purpose.CALLS: {
        "fr": "J’accepte que des bénévoles de la campagne m’appellent, et je sais que cela peut révéler "
        "mes opinions politiques.",
        "en": "I agree that volunteers of the campaign call me, and I know that this may reveal my political opinions.",
    },
    Purpose.SERVICE: {
        "fr": "Je demande à la campagne de donner suite à ma démarche.",
        "en": "I ask the campaign to follow up on my request.",
    },
}
