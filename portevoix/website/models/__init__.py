"""Pages, pictures, recordings and the identity of a campaign's public site."""

from portevoix.website.models.banner import Banner
from portevoix.website.models.foreign import Answer, ForeignUse, Question
from portevoix.website.models.identity import Identity
from portevoix.website.models.legal import LegalPage
from portevoix.website.models.local import LocalPage, LocalPagesPage
from portevoix.website.models.menus import Menus
from portevoix.website.models.news import ArticlePage, IndexPage, PressRoomPage
from portevoix.website.models.pages import HomePage, LandingPage, StandardPage
from portevoix.website.models.pictures import Picture, Rendition
from portevoix.website.models.profiles import ProfilePage, TeamPage
from portevoix.website.models.programme import MeasurePage, ProgrammePage, ThemePage
from portevoix.website.models.recordings import Recording
from portevoix.website.models.reference import FaqPage, GlossaryPage
from portevoix.website.models.site_page import SitePage

__all__ = [
    "Answer",
    "ArticlePage",
    "Banner",
    "FaqPage",
    "ForeignUse",
    "GlossaryPage",
    "HomePage",
    "Identity",
    "IndexPage",
    "LandingPage",
    "LegalPage",
    "LocalPage",
    "LocalPagesPage",
    "MeasurePage",
    "Menus",
    "Picture",
    "PressRoomPage",
    "ProfilePage",
    "ProgrammePage",
    "Question",
    "Recording",
    "Rendition",
    "SitePage",
    "StandardPage",
    "TeamPage",
    "ThemePage",
]
