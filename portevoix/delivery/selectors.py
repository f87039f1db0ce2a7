"""Reads of the outbox: results of a batch, a sample of a letter, the links that readers follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portevoix.delivery.exceptions import LinkUnusable
from portevoix.delivery.models import Batch, Bounce, LinkTotal, Message, State
from portevoix.delivery.rules import merge, reports, tokens
from portevoix.delivery.rules.mime import CompiledLetter
from portevoix.delivery.types import MERGE_FIELDS, Bad, Found, Letter, MergeField, Recipient
from portevoix.rights import links


@dataclass(frozen=True)
class Results:
    """What became of a batch, in totals: nothing here says who."""

    queued: int
    sending: int
    sent: int
    failed: int
    suppressed: int
    uncertain: int
    unsubscribed: int
    clicks: int
    links: tuple[tuple[str, int], ...]
    #: Of what was sent or refused: addresses that do not work, for good or for now; servers that want nothing of it;
    #: readers who called it spam.
    bounced: int = 0
    unwanted: int = 0
    complained: int = 0

    @property
    def total(self) -> int:
        return self.queued + self.sending + self.sent + self.failed + self.suppressed + self.uncertain

    @property
    def waiting(self) -> int:
        return self.queued + self.sending


def results(batch: Batch) -> Results:
    """Count a batch's messages by state, its clicks by link and how many left through it."""
    messages = Message.objects.filter(batch=batch)
    states = dict(messages.order_by().values_list("state").annotate(Count("pk")))
    bad = dict(Bounce.objects.filter(batch=batch).order_by().values_list("bad").annotate(Count("pk")))
    followed = tuple(LinkTotal.objects.filter(batch=batch).order_by("number").values_list("target", "clicks"))
    return Results(
        **{state.value: states.get(state.value, 0) for state in State},
        unsubscribed=messages.filter(unsubscribed_at__isnull=False).count(),
        clicks=sum(clicks for _target, clicks in followed),
        links=followed,
        bounced=bad.get(Bad.HARD, 0) + bad.get(Bad.SOFT, 0),
        unwanted=bad.get(Bad.POLICY, 0),
        complained=bad.get(Bad.COMPLAINT, 0),
    )


def sample(letter: Letter) -> Letter:
    """Return the letter as an invented reader would see it. Raises LetterError, as sending would."""
    CompiledLetter(letter, known=MERGE_FIELDS)
    values = {name: str(field.sample) for name, field in MERGE_FIELDS.items()}
    escaped = {name: merge.escaped(value) for name, value in values.items()}
    return replace(
        letter,
        subject=merge.filled(merge.cut(letter.subject, known=MERGE_FIELDS), values),
        text=merge.filled(merge.cut(letter.text, known=MERGE_FIELDS), values),
        html=merge.filled(merge.cut(letter.html, known=MERGE_FIELDS), escaped),
    )


def link_address(code: str, number: int) -> str:
    """Return the counted address of a batch's link."""
    return settings.BASE_URL + reverse("delivery:link", args=[code, number])


def message_named_by(token: str) -> Message:
    """Return the message of an unsubscribe link, however old. Raises LinkUnusable."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    message_id = tokens.message_in(token, [tokens.key_from(secret) for secret in secrets])
    if message_id is None:
        raise LinkUnusable
    try:
        return Message.objects.select_related("batch", "person").get(pk=message_id)
    except Message.DoesNotExist as error:
        raise LinkUnusable from error


def proved(said: Sequence[reports.Report]) -> list[Found]:
    """Keep the reports that prove which message, and which of its reader's addresses, they are about."""
    keys = [tokens.return_key_from(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    rows = Message.objects.filter(pk__in={one.message_id for one in said}, person__emails__isnull=False)
    addresses: dict[int, dict[str, int]] = {}
    for pk, email, known_as in rows.values_list("pk", "person__emails", "person__emails__address"):
        addresses.setdefault(pk, {})[known_as] = email
    found = []
    for one in said:
        known = addresses.get(one.message_id, {})
        address = tokens.went_to(one.message_id, one.signature, list(known), keys)
        if address is not None:
            found.append(Found(one.message_id, known[address], one.bad, one.status))
    return found


def unsubscribe_urls(recipients: Sequence[Recipient]) -> list[str]:
    """Return each message's own unsubscribe address."""
    key = tokens.key_from(settings.SECRET_KEY)
    before, after = _around_token("delivery:unsubscribe")
    return [before + tokens.token_of(recipient.message_id, key) + after for recipient in recipients]


def _preferences_urls(recipients: Sequence[Recipient]) -> list[str]:
    before, after = _around_token("rights:preferences")
    return [before + links.preferences_token(recipient.person_ref) + after for recipient in recipients]


def _around_token(view: str) -> tuple[str, str]:
    """Work an address out once; readers' own differ by their token only."""
    before, after = reverse(view, args=["-"]).rsplit("-", 1)
    return settings.BASE_URL + before, after


MERGE_FIELDS.add("first_name", MergeField(_("first name"), "Camille", lambda to: [one.first_name for one in to]))
MERGE_FIELDS.add("last_name", MergeField(_("last name"), "Martin", lambda to: [one.last_name for one in to]))
MERGE_FIELDS.add(
    "full_name",
    MergeField(
        _("full name"), "Camille Martin", lambda to: [f"{one.first_name} {one.last_name}".strip() for one in to]
    ),
)
MERGE_FIELDS.add("commune", MergeField(_("commune"), "Rennes", lambda to: [one.commune for one in to]))
MERGE_FIELDS.add("unsubscribe_url", MergeField(_("link to unsubscribe"), "#", unsubscribe_urls))
MERGE_FIELDS.add("preferences_url", MergeField(_("link to one's preferences"), "#", _preferences_urls))


def lost_about(kind: str, *, since: datetime) -> set[int]:
    """Return about which objects of a kind letters of since a moment were refused, held back or bounced."""
    about = Message.objects.filter(batch__about_kind=kind, batch__created_at__gte=since)
    bounced = Exists(Bounce.objects.filter(message=OuterRef("pk"), bad=Bad.HARD))
    lost = about.filter(Q(state__in=[State.FAILED, State.SUPPRESSED]) | bounced)
    return {pk for pk in lost.order_by().values_list("batch__about_id", flat=True) if pk is not None}
