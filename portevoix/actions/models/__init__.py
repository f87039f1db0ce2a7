"""The pages on which citizens act, who took part, where they came from, and the addresses that wait for a link."""

from portevoix.actions.models.action_page import ActionPage
from portevoix.actions.models.origins import OriginMark, ShareCode
from portevoix.actions.models.pages import ContactPage, SignUpPage, SurveyPage
from portevoix.actions.models.petitions import OpenLetterPage, PetitionPage, SignedPage
from portevoix.actions.models.sharing import SharePage
from portevoix.actions.models.taking_part import FormVersion, Participation
from portevoix.actions.models.waiting import LinkWanted

__all__ = [
    "ActionPage",
    "ContactPage",
    "FormVersion",
    "LinkWanted",
    "OpenLetterPage",
    "OriginMark",
    "Participation",
    "PetitionPage",
    "ShareCode",
    "SharePage",
    "SignUpPage",
    "SignedPage",
    "SurveyPage",
]
