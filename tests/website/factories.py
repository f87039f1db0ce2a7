"""Pages and pictures of a public site."""

from __future__ import annotations

import io
from typing import Any

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory
from PIL import Image
from wagtail.models import Collection, Locale, Page, Site

from portevoix.website.models import (
    ArticlePage,
    FaqPage,
    GlossaryPage,
    HomePage,
    IndexPage,
    LegalPage,
    LocalPagesPage,
    MeasurePage,
    Picture,
    PressRoomPage,
    ProgrammePage,
    StandardPage,
    ThemePage,
)


def png(width: int = 1200, height: int = 750) -> ContentFile[bytes]:
    """Return a picture file of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "#4326e0").save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), name="colour.png")


def wagtail_roots() -> None:
    """Make what Wagtail's migrations make, where a test that flushes the database has taken it away."""
    Locale.objects.get_or_create(language_code="fr")
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    if Collection.get_first_root_node() is None:
        Collection.add_root(instance=Collection(name="Root"))
    Site.objects.get_or_create(is_default_site=True, defaults={"hostname": "testserver", "root_page": root})


class PictureFactory(DjangoModelFactory[Picture]):
    class Meta:
        model = Picture

    title = factory.Sequence(lambda n: f"picture {n}")
    description = "A field of blue"
    file = factory.LazyFunction(png)

    @classmethod
    def _create(cls, model_class: type[Picture], *args: Any, **kwargs: Any) -> Picture:
        wagtail_roots()
        return super()._create(model_class, *args, **kwargs)


class PageFactory(DjangoModelFactory[Page]):
    """A published page; ``parent`` is the home page unless said, ``draft=True`` leaves it unpublished."""

    class Meta:
        abstract = True

    class Params:
        draft = factory.Trait(live=False)
        in_menu = factory.Trait(show_in_menus=True)

    title = factory.Sequence(lambda n: f"Page {n}")
    slug = factory.Sequence(lambda n: f"page-{n}")

    @classmethod
    def _create(cls, model_class: type[Page], *args: Any, **kwargs: Any) -> Page:
        parent = kwargs.pop("parent", None) or Site.objects.get(is_default_site=True).root_page
        page = model_class(**kwargs)
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        return page


class HomePageFactory(PageFactory):
    """The home page of the default site."""

    class Meta:
        model = HomePage

    title = "Home"
    slug = "accueil"
    headline = "A stone, and a wave"
    lead = "What begins here goes far."

    @classmethod
    def _create(cls, model_class: type[Page], *args: Any, **kwargs: Any) -> Page:
        wagtail_roots()
        Page.objects.filter(depth=2).delete()
        root = Page.get_first_root_node()
        page = super()._create(model_class, *args, parent=root, **kwargs)
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "testserver", "port": 80, "root_page": page}
        )
        return page


class StandardPageFactory(PageFactory):
    class Meta:
        model = StandardPage


class IndexPageFactory(PageFactory):
    class Meta:
        model = IndexPage


class ArticlePageFactory(PageFactory):
    class Meta:
        model = ArticlePage


class LegalPageFactory(PageFactory):
    class Meta:
        model = LegalPage


class PressRoomPageFactory(PageFactory):
    class Meta:
        model = PressRoomPage


class ProgrammePageFactory(PageFactory):
    class Meta:
        model = ProgrammePage


class ThemePageFactory(PageFactory):
    class Meta:
        model = ThemePage


class MeasurePageFactory(PageFactory):
    class Meta:
        model = MeasurePage

    number = factory.Sequence(lambda n: n + 1)


class LocalPagesPageFactory(PageFactory):
    class Meta:
        model = LocalPagesPage


class GlossaryPageFactory(PageFactory):
    class Meta:
        model = GlossaryPage


class FaqPageFactory(PageFactory):
    class Meta:
        model = FaqPage
