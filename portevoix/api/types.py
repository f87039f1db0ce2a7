"""Words of the door for programs: which acts a key may be made for, and why one came to its end."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: The acts that a key may be made for, by their names, in the order of the form; and what each opens.
SCOPES: dict[str, str | Promise] = {
    "disclosure.serve_person": _("Read one record, found by its number, an e-mail address or a telephone number."),
    "disclosure.serve_people": _("Read the whole file, page by page: as much as an export."),
    "disclosure.serve_consents": _("Read what somebody agreed to and took back, since when, in which words."),
    "intake.enter": _("Bring people in, with the proof of what they agreed to."),
    "people.edit": _("Correct who somebody is, and the campaign’s own fields."),
    "people.edit_contacts": _("Add, correct and remove e-mail addresses, telephone numbers and postal addresses."),
    "people.tag": _("Put tags on somebody, and take them off."),
    "disclosure.serve_opinion": _("Read the political opinions that somebody agreed to have recorded."),
    "rights.record_opinion": _("Record political opinions, of whoever agreed to it."),
    "rights.give": _("Record a consent, with its proof."),
    "rights.withdraw": _("Record that somebody takes a consent back."),
    "api.count_segment": _("List the segments and count them: figures, nobody’s name."),
}


#: The acts by which people's data leave, and what leaves by each: whoever answers for the data reads it so.
GIVES: dict[str, str | Promise] = {
    "disclosure.serve_people": _("the whole file"),
    "disclosure.serve_person": _("records, one by one"),
    "disclosure.serve_consents": _("consents"),
    "disclosure.serve_opinion": _("political opinions"),
    # What is written is answered with what stands there then.
    "people.tag": _("tags"),
    "rights.give": _("consents"),
    "rights.withdraw": _("consents"),
}


class End(models.TextChoices):
    """Why a key came to its end before its day."""

    BY_HAND = "by_hand", pgettext_lazy("a key", "ended by hand")
    MANDATE = "mandate", _("whoever made it lost a mandate")
    ACCOUNT = "account", _("the account of whoever made it was closed or made anew")
