"""The pages on which citizens act, who took part, and the addresses that wait for a link."""

from portevoix.actions.models.action_page import ActionPage
from portevoix.actions.models.pages import ContactPage, PetitionPage, SignUpPage, SurveyPage
from portevoix.actions.models.taking_part import FormVersion, Participation
from portevoix.actions.models.waiting import LinkWanted

__all__ = [
    "ActionPage",
    "ContactPage",
    "FormVersion",
    "LinkWanted",
    "Participation",
    "PetitionPage",
    "SignUpPage",
    "SurveyPage",
]
