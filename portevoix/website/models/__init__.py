"""Pages, pictures and the identity of a campaign's public site."""

from portevoix.website.models.identity import Identity
from portevoix.website.models.pages import ArticlePage, HomePage, IndexPage, LegalPage, StandardPage
from portevoix.website.models.pictures import Picture, Rendition

__all__ = [
    "ArticlePage",
    "HomePage",
    "Identity",
    "IndexPage",
    "LegalPage",
    "Picture",
    "Rendition",
    "StandardPage",
]
