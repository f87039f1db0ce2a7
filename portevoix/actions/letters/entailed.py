"""What letters say that follow from an action: an answer, a seat, a decision, a pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.actions.models import Enquiry, EventPage, MembershipApplication, MembershipPage, Proxy, ProxyPage
from portevoix.actions.types import ProxySide
from portevoix.correspondence.types import STANDARDS, Blank, Facts, Standard, Words

Said = tuple[Facts, dict[str, str]]


def answering(enquiry: Enquiry, text: str) -> Said:
    """Return what the answer to a message says: the answer, and the message it answers."""
    told = gettext("You wrote to us on %(day)s: “%(subject)s”.") % {
        "day": date_format(localtime(enquiry.received_at), "DATE_FORMAT"),
        "subject": enquiry.subject,
    }
    return Facts(before=[told], quote=text, reason=_wrote()), {}


def seat_freed(page: EventPage) -> Said:
    """Return what is said to whom a seat is given after they waited."""
    when = date_format(localtime(page.starts_at), "DATETIME_FORMAT")
    facts = Facts(
        before=[f"{page.title} – {when}", ", ".join(part for part in (page.place, page.street) if part)],
        after=[
            gettext(
                "If you do not come after all, take your answer back by the link “My choices and my data” at the foot "
                "of this letter: somebody else waits."
            )
        ],
        url=page.full_url or settings.BASE_URL,
        reason=gettext("You receive this message because you asked to come to this meeting."),
    )
    return facts, {}


def deciding(application: MembershipApplication, page: MembershipPage) -> Said:
    """Return what is said to who applied for membership: the reason where there is one, the dues where there are."""
    dues = [gettext("Dues: %(dues)s") % {"dues": page.dues}] if page.dues and not application.reason else []
    facts = Facts(
        before=dues,
        quote=application.reason,
        reason=gettext("You receive this message because you asked to become a member."),
    )
    return facts, {"organisation": page.organisation}


def pairing(one: Proxy, other: Proxy, page: ProxyPage) -> Said:
    """Return what one of a pair is told: who the other is, and what the law asks of both."""
    person = other.person
    address = person.emails.filter(is_primary=True).first()
    number = person.phones.first()
    reached = [str(point) for point in (address, number) if point]
    name = person.first_name or gettext("somebody")
    told = (
        gettext("%(name)s can vote for you.") if one.side == ProxySide.ASKS else gettext("%(name)s looks for you.")
    ) % {"name": name}
    asks = one if one.side == ProxySide.ASKS else other
    where = ", ".join(part for part in (asks.commune_name, asks.station) if part)
    facts = Facts(
        before=[
            told,
            " – ".join(reached),
            gettext("The vote takes place there: %(where)s. Rounds: %(rounds)s.")
            % {"where": where, "rounds": asks.rounds or page.election.name},
        ],
        after=page.law(),
        reason=gettext("You receive this message because you asked us to put you in touch for a proxy vote."),
    )
    return facts, {}


def parted(one: Proxy, page: ProxyPage) -> Said:
    """Return what one of a pair is told when it ended: that nobody will vote, and what becomes of it."""
    if one.side == ProxySide.ASKS:
        told = gettext(
            "Do not count on their vote for you. We look for somebody else, and write as soon as we find them."
        )
    else:
        told = gettext("They do not count on you any more. If somebody else looks for a proxy vote, we write to you.")
    cancelled = gettext(
        "If the proxy was established already, whoever gave it may cancel it and give another at any moment, in the "
        "same way (code électoral, art. L. 75)."
    )
    reason = gettext("You receive this message because you asked us to put you in touch for a proxy vote.")
    return Facts(before=[told], after=[cancelled], url=page.full_url or settings.BASE_URL, reason=reason), {}


def _wrote() -> str:
    return gettext("You receive this message because you wrote to us by the contact page.")


def _words(
    subject: Callable[[], str], opening: Callable[[], str], button: Callable[[], str] = str
) -> Callable[[], Words]:
    def words() -> Words:
        return Words(
            subject=subject(), title=subject(), opening=gettext("Hello,") + "\n\n" + opening(), button=button()
        )

    return words


def _sample(before: Callable[[], list[str]], quote: Callable[[], str] = str, *, url: str = "") -> Callable[[], Facts]:
    return lambda: Facts(before=before(), quote=quote(), url=settings.BASE_URL + url if url else "", reason=_wrote())


ORGANISATION: Mapping[str, Blank] = {"organisation": Blank(_("organisation that one joins"), "Ricochet")}
ORG = {"organisation": "{{ organisation }}"}

STANDARDS.add(
    "actions.answer",
    Standard(
        label=_("Answer to a message"),
        occasion=_("When somebody of the team answers what came by the contact page."),
        words=_words(lambda: gettext("Our answer to your message"), lambda: gettext("Here is our answer.")),
        sample=_sample(list, lambda: gettext("What the team writes to this person.")),
    ),
)
STANDARDS.add(
    "actions.seat_freed",
    Standard(
        label=pgettext_lazy("letter", "Meeting: a seat is free"),
        occasion=_("When somebody who waited for a seat gets one."),
        words=_words(
            lambda: gettext("You have a seat"),
            lambda: gettext("A seat is free at the meeting to which you wished to come: it is yours."),
            lambda: gettext("See the meeting"),
        ),
        sample=_sample(lambda: ["…"], url="/…"),
    ),
)
STANDARDS.add(
    "actions.member_accepted",
    Standard(
        label=pgettext_lazy("letter", "Membership: accepted"),
        occasion=_("When an application for membership is accepted."),
        words=_words(
            lambda: gettext("You are a member"),
            lambda: gettext("Your application is accepted: welcome to %(organisation)s.") % ORG,
        ),
        sample=_sample(list),
        blanks=ORGANISATION,
    ),
)
STANDARDS.add(
    "actions.member_refused",
    Standard(
        label=pgettext_lazy("letter", "Membership: refused"),
        occasion=_("When an application for membership is refused."),
        words=_words(
            lambda: gettext("Your application for membership"),
            lambda: gettext("We cannot accept your application to %(organisation)s. Here is why:") % ORG,
        ),
        sample=_sample(list, lambda: gettext("What the team writes to this person.")),
        blanks=ORGANISATION,
    ),
)
STANDARDS.add(
    "actions.paired",
    Standard(
        label=pgettext_lazy("letter", "Proxy vote: paired"),
        occasion=_("When somebody is found for a proxy vote, to each of the two."),
        words=_words(
            lambda: gettext("Your proxy vote: we have found somebody"),
            lambda: gettext("We put the two of you in touch, as you asked us to. The rest is between you."),
        ),
        sample=_sample(lambda: ["Camille", *ProxyPage.law()]),
    ),
)
STANDARDS.add(
    "actions.parted",
    Standard(
        label=pgettext_lazy("letter", "Proxy vote: no longer paired"),
        occasion=_("When one of a pair is no longer there, or the team parts them, to who counted on it."),
        words=_words(
            lambda: gettext("Your proxy vote: to be arranged again"),
            lambda: gettext("We had put you in touch with somebody for a proxy vote. That is over."),
            lambda: gettext("See the page"),
        ),
        sample=_sample(lambda: ["…"], url="/…"),
    ),
)
