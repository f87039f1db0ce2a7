"""What the campaign may do with a person's data, by which channel, on which ground; and the words people agree to.

Texts of law: RGPD art. 6, 7 and 9; loi Informatique et Libertés; CPCE art. L. 34-5. Checked on 2026-11-24.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    PHONE = "phone", _("telephone")
    POST = "post", _("post")
    DOOR = "door", _("at the door")
    LOCAL = "local", _("the local group")
    #: Nobody is reached by it: the purpose is to know.
    RECORD = "record", _("the campaign’s file")


class Purpose(models.TextChoices):
    """Why data is used. A purpose is never renamed: grounds and the journal name it."""

    NEWSLETTER = "newsletter", _("news of the campaign by e-mail")
    TEXTS = "texts", _("news of the campaign by text message")
    LETTERS = "letters", _("letters by post")
    CALLS = "calls", _("calls by volunteers")
    VISITS = "visits", _("visits at the door")
    LOCAL_GROUP = "local_group", _("contact by the local group")
    MEASUREMENT = "measurement", _("measurement of opens and clicks")
    OPINION = "opinion", _("record of political opinion")
    TARGETING = "targeting", _("political advertisements chosen by what is known of the person")
    PARTICIPATION = "participation", _("petitions, surveys and pledges that the person takes part in")
    SERVICE = "service", _("messages that a person's own request needs")


class Advertising(models.TextChoices):
    """Whether a message is a political advertisement, and for whom (regulation (EU) 2024/900, art. 3, 11 and 18)."""

    NONE = "none", _("no advertisement")
    #: To everybody who receives the campaign's news, in a language or a territory.
    GENERAL = "general", _("political advertisement, not targeted")
    #: To people chosen by anything else that is known of them.
    TARGETED = "targeted", _("targeted political advertisement")


#: Nobody younger is sent a political advertisement: a year below the age at which one votes (regulation (EU) 2024/900,
#: art. 18(1); in France 18, code électoral, art. L. 2). Whoever's age is not known is sent none that is targeted.
YOUNGEST = 17


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
    EXPIRED = "expired", _("kept as long as it may be")
    MOVED = "moved", _("moved to another record of the same person")
    REOPENED = "reopened", _("in force again")
    CORRECTED = "corrected", _("corrected")
    REMOVED = "removed", _("removed")
    ERASED = "erased", _("person erased")
    RETURNED = "returned", _("person came back by themselves")


class End(StrEnum):
    """What brought a ground to its end, in words for programs: they are never renamed."""

    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"
    REPLACED = "replaced"
    MERGED = "merged"


#: What is written of an end that is nobody's word, by which the end is known.
ENDS = {"retention": End.EXPIRED, "replaced_by": End.REPLACED, "merge": End.MERGED}


class Family(models.TextChoices):
    """What purposes have in common, for whoever chooses."""

    NEWS = "news", _("Receiving news")
    MEETING = "meeting", _("Talking with us")
    KNOWING = "knowing", _("What we note")


@dataclass(frozen=True)
class Retention:
    """How long after the last exchange with the person a ground holds, at the latest, and by which article.

    ``most`` bounds what a campaign may make of it, with a recorded reason where it is longer than ``months``.
    """

    months: int
    article: str
    most: int = 0

    @property
    def sentence(self) -> str:
        """The rule, in the reader's language."""
        return gettext("Until you change your mind, %(months)d months at most after our last exchange.") % {
            "months": self.months
        }


@dataclass(frozen=True)
class Terms:
    """What a person may agree to: by which channel, on which article, for how long."""

    channel: Channel
    family: Family
    article: str
    retention: Retention


_POLITICAL = "RGPD art. 6(1)(a), 9(2)(a)"
#: No text sets a number of years for politics: the campaign must set one (art. 5(1)(e)) and ask again after it.
_LONG = Retention(36, "RGPD art. 5(1)(e)", most=60)
_SHORT = Retention(12, "RGPD art. 5(1)(e), 9(2)(a)", most=24)
#: CNIL: figures of audience live for 25 months at most.
_MEASURED = Retention(25, "RGPD art. 5(1)(e) ; CNIL, 4 juillet 2025", most=25)

#: Each purpose that a person can accept or refuse on its own, in the order of the preference page.
TERMS: dict[Purpose, Terms] = {
    Purpose.NEWSLETTER: Terms(Channel.EMAIL, Family.NEWS, f"{_POLITICAL}\N{NO-BREAK SPACE}; CPCE art. L. 34-5", _LONG),
    Purpose.TEXTS: Terms(Channel.SMS, Family.NEWS, f"{_POLITICAL}\N{NO-BREAK SPACE}; CPCE art. L. 34-5", _LONG),
    Purpose.LETTERS: Terms(Channel.POST, Family.NEWS, _POLITICAL, _LONG),
    Purpose.CALLS: Terms(Channel.PHONE, Family.MEETING, _POLITICAL, _LONG),
    Purpose.VISITS: Terms(Channel.DOOR, Family.MEETING, _POLITICAL, _LONG),
    Purpose.LOCAL_GROUP: Terms(Channel.LOCAL, Family.MEETING, _POLITICAL, _LONG),
    Purpose.MEASUREMENT: Terms(Channel.RECORD, Family.KNOWING, f"{_POLITICAL} ; loi 78-17 art. 82", _MEASURED),
    Purpose.OPINION: Terms(Channel.RECORD, Family.KNOWING, _POLITICAL, _SHORT),
    Purpose.PARTICIPATION: Terms(Channel.RECORD, Family.KNOWING, _POLITICAL, _SHORT),
    Purpose.TARGETING: Terms(Channel.RECORD, Family.KNOWING, f"{_POLITICAL} ; règlement (UE) 2024/900 art. 18", _SHORT),
}

#: The channel of each purpose that a person can accept or refuse on its own.
OPTIONAL: dict[Purpose, Channel] = {purpose: terms.channel for purpose, terms in TERMS.items()}

#: What stays when somebody is not to be contacted any more, or is dead: a petition that they signed was signed. Every
#: other purpose, and every new one, reaches or targets people, or serves to: it ends.
OUTLIVING_CONTACT: frozenset[Purpose] = frozenset({Purpose.PARTICIPATION})

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
    Purpose.LETTERS: {
        "fr": "J’accepte de recevoir par la poste les courriers de la campagne, et je sais que cela peut révéler "
        "mes opinions politiques.",
        "en": "I agree to receive letters of the campaign by post, and I know that this may reveal my political "
        "opinions.",
    },
    Purpose.VISITS: {
        "fr": "J’accepte que des bénévoles de la campagne sonnent chez moi, et je sais que cela peut révéler "
        "mes opinions politiques.",
        "en": "I agree that volunteers of the campaign ring at my door, and I know that this may reveal my "
        "political opinions.",
    },
    Purpose.LOCAL_GROUP: {
        "fr": "J’accepte que mes coordonnées soient confiées au groupe local de la campagne pour qu’il me contacte, "
        "et je sais que cela lui révèle que je m’intéresse à la campagne, donc peut-être mes opinions politiques.",
        "en": "I agree that my contact details are given to the local group of the campaign so that it can contact "
        "me, and I know that this tells it of my interest, and so perhaps of my political opinions.",
    },
    Purpose.MEASUREMENT: {
        "fr": "J’accepte que la campagne enregistre à mon nom les messages que j’ouvre et les liens que je suis. "
        "Les sujets qui m’intéressent peuvent révéler mes opinions politiques. Sans mon accord, la campagne ne connaît "
        "que des totaux.",
        "en": "I agree that the campaign records under my name which messages I open and which links I follow. "
        "The subjects that interest me may reveal my political opinions. Without my agreement, the campaign knows "
        "totals only.",
    },
    Purpose.OPINION: {
        "fr": "J’accepte que la campagne note ce que je lui dis de mes opinions politiques : mon soutien, les sujets "
        "qui me tiennent à cœur, mon intention de vote.",
        "en": "I agree that the campaign records what I tell it of my political opinions: my support, the issues I "
        "care about, how I intend to vote.",
    },
    Purpose.TARGETING: {
        "fr": "J’accepte que la campagne choisisse, d’après ce que je lui ai dit de moi, les publicités politiques "
        "qu’elle m’envoie. Ce choix peut révéler mes opinions politiques. Sans mon accord, je reçois les mêmes que "
        "tout le monde.",
        "en": "I agree that the campaign chooses the political advertisements that it sends me by what I told it of "
        "myself. This choice may reveal my political opinions. Without my agreement, I receive the same as everybody.",
    },
    Purpose.PARTICIPATION: {
        "fr": "J’accepte que la campagne garde ce que je signe ou réponds ici, et s’en serve pour cette action "
        "seulement. Je sais que cela peut révéler mes opinions politiques.",
        "en": "I agree that the campaign keeps what I sign or answer here, and uses it for this action only. I know "
        "that this may reveal my political opinions.",
    },
    Purpose.SERVICE: {
        "fr": "Je demande à la campagne de donner suite à ma démarche.",
        "en": "I ask the campaign to follow up on my request.",
    },
}


class Status(models.TextChoices):
    """What keeps a person in the file, or no longer does: the first that fits. Never renamed: rules name it."""

    REGULAR = "regular", _("regular contact: something they agreed to is in force")
    BOUND = "bound", _("member whose dues run, or ended within the term")
    REFUSED = "refused", _("took back what they had agreed to, or wants no contact")
    DORMANT = "dormant", _("has or had a role, agreed to nothing that is in force")
    LAPSED = "lapsed", _("what they agreed to came to its end")
    OCCASIONAL = "occasional", _("came by a request of theirs, agreed to nothing")
    UNGROUNDED = "ungrounded", _("brought by a file or by staff, agreed to nothing")


#: How long a person stays after their last exchange, or after they came in, by what they are. Who agreed to something
#: in force is not there: they stay as long as that lasts. A member stays from the end of what their dues cover.
#: CNIL, délibération 2012-020 (occasional contacts: two months at most); « Les fichiers de communication politique »,
#: 21 October 2025; « sept réflexes », 30 January 2026.
STAYS: dict[Status, Retention] = {
    Status.BOUND: Retention(36, "RGPD art. 5(1)(e), 6(1)(b), 9(2)(d)", most=36),
    Status.DORMANT: Retention(36, "RGPD art. 5(1)(e), 9(2)(d)", most=36),
    Status.REFUSED: Retention(1, "RGPD art. 17(1)(b)(c), 21", most=2),
    Status.LAPSED: Retention(0, "RGPD art. 5(1)(e), 17(1)(a)", most=2),
    Status.OCCASIONAL: Retention(2, "RGPD art. 5(1)(e) ; CNIL, délibération 2012-020", most=2),
    Status.UNGROUNDED: Retention(2, "RGPD art. 6, 14 ; CNIL, délibération 2012-020", most=2),
}

#: Every rule that a campaign may set, by its code. A person's own request holds as long as an occasional contact.
RULES: dict[str, Retention] = {
    **{purpose.value: terms.retention for purpose, terms in TERMS.items()},
    Purpose.SERVICE.value: STAYS[Status.OCCASIONAL],
    **{status.value: stay for status, stay in STAYS.items()},
}
RULE_CHOICES = [(code, (Purpose(code) if code in Purpose.values else Status(code)).label) for code in RULES]
