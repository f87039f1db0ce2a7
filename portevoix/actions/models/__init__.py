"""The pages on which citizens act, who took part, where they came from, and the addresses that wait for a link."""

from portevoix.actions.models.action_page import ANSWER_HOOK, THANKS, ActionPage
from portevoix.actions.models.inbox import Enquiry, EnquiryAnswer
from portevoix.actions.models.joining import (
    AskingPage,
    Attendance,
    EventPage,
    MembershipApplication,
    MembershipPage,
    VolunteerPage,
)
from portevoix.actions.models.origins import OriginMark, ShareCode
from portevoix.actions.models.pages import ContactPage, SignUpPage, SurveyPage
from portevoix.actions.models.petitions import OpenLetterPage, PetitionPage, SignedPage
from portevoix.actions.models.sharing import SharePage
from portevoix.actions.models.taking_part import FormVersion, Participation
from portevoix.actions.models.voting import PledgePage, Proxy, ProxyPage, SponsorshipPage
from portevoix.actions.models.waiting import LinkWanted
from portevoix.actions.models.writing import WritePage

__all__ = [
    "ANSWER_HOOK",
    "THANKS",
    "ActionPage",
    "AskingPage",
    "Attendance",
    "ContactPage",
    "Enquiry",
    "EnquiryAnswer",
    "EventPage",
    "FormVersion",
    "LinkWanted",
    "MembershipApplication",
    "MembershipPage",
    "OpenLetterPage",
    "OriginMark",
    "Participation",
    "PetitionPage",
    "PledgePage",
    "Proxy",
    "ProxyPage",
    "ShareCode",
    "SharePage",
    "SignUpPage",
    "SignedPage",
    "SponsorshipPage",
    "SurveyPage",
    "VolunteerPage",
    "WritePage",
]
