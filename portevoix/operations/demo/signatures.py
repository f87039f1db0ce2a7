"""The demo's signatures: invented people who can be reached sign its petition and its open letter.

No letter of confirmation is written: hundreds of them would fill the demo's mailbox.
"""

from __future__ import annotations

import random
from datetime import timedelta

from portevoix.accounts.types import Visitor
from portevoix.actions import rules, services
from portevoix.actions.models import FormVersion, OpenLetterPage, OriginMark, Participation, PetitionPage, SignedPage
from portevoix.actions.types import QUALITY, Stage
from portevoix.intake.links import confirmation_token
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress
from portevoix.people.types import ContactStatus
from portevoix.rights.purposes import Purpose

SEED = 7
SIGNATURES, SIGNATORIES = 226, 41
DAYS = 24
#: Of a hundred signatories: who lets their name be shown, who lets it be handed over, who does not confirm.
SHOWN, HANDED, SILENT = 0.62, 0.78, 0.12
QUALITIES = ("infirmière", "", "conseillère municipale", "enseignant", "", "sage-femme", "retraité", "pompier", "")
#: Where a link stood: words of the link, the site that led here, how often.
ORIGINS = (
    ("infolettre", "email", "", 5),
    ("whatsapp", "partage", "", 4),
    ("affiche", "qr", "", 2),
    ("facebook", "partage", "www.facebook.com", 3),
    ("", "", "gazette-du-marais.example", 2),
    ("", "", "", 6),
)


def build_signatures() -> int:
    """Have people sign, unless somebody did; return how many signatures there are."""
    signed: tuple[tuple[SignedPage | None, int], ...] = (
        (PetitionPage.objects.first(), SIGNATURES),
        (OpenLetterPage.objects.first(), SIGNATORIES),
    )
    pages = [page.pk for page, _number in signed if page is not None]
    if Participation.objects.filter(page__in=pages).exists():
        return 0
    chance = random.Random(SEED)  # noqa: S311  # a demo, not a secret
    for page, number in signed:
        if page is not None:
            signing = _reachable(chance, number)
            for rank, address in enumerate(signing):
                _sign(page, address, rank / len(signing), chance)
    return Participation.objects.filter(page__in=pages).count()


def _reachable(chance: random.Random, number: int) -> list[EmailAddress]:
    known = EmailAddress.objects.filter(status=ContactStatus.VERIFIED, is_primary=True).exclude(person__first_name="")
    found = list(known.select_related("person").order_by("pk"))
    return chance.sample(found, min(number, len(found)))


def _sign(page: SignedPage, address: EmailAddress, share: float, chance: random.Random) -> None:
    person = address.person
    moment = clock.now() - timedelta(days=DAYS * (1 - share), minutes=chance.randint(30, 900))
    source, medium, referrer, _often = chance.choices(ORIGINS, [weight for *_said, weight in ORIGINS])[0]
    form = SignUp(
        email=address.address,
        source=page.url or "",
        first_name=person.first_name,
        last_name=person.last_name,
        postcode=person.postcode,
        commune=person.commune_id or "",
        purposes=frozenset({Purpose.PARTICIPATION}),
    )
    said = {"source": source, "medium": medium, "referrer": referrer}
    quality = chance.choice(QUALITIES) if isinstance(page, OpenLetterPage) else ""
    with clock.stopped_at(moment):
        submission = receiving.receive(form, actor=Visitor())
        Participation.objects.create(
            page_id=page.pk,
            person=submission.person,
            submission=submission,
            version=_version(page),
            purpose=page.purpose,
            answers={QUALITY: quality} if quality else {},
            is_public=chance.random() < SHOWN,
            may_be_handed_over=chance.random() < HANDED,
            created_at=moment,
            **said,
        )
        OriginMark.objects.create(page_id=page.pk, day=clock.today(), stage=Stage.SENT, **said)
        if chance.random() > SILENT:
            services.confirm(confirmation_token(submission), actor=Visitor())


def _version(page: SignedPage) -> FormVersion:
    content = page.content_asked()
    found, _made = FormVersion.objects.get_or_create(
        page_id=page.pk, digest=rules.digest(content), defaults={"content": content, "created_at": clock.now()}
    )
    return found
