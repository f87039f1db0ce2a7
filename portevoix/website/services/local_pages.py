"""Local pages, made in bulk."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.territory.models import Departement
from portevoix.website.models import LocalPage, LocalPagesPage
from portevoix.website.rules.local import filled_in


@command(
    "website.make_local_pages",
    label=_("Make local pages"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
    nationwide=True,
)
def make_local_pages(
    under: LocalPagesPage, departements: Collection[Departement], *, lead: str, publish: bool = False, actor: Actor
) -> list[LocalPage]:
    """Make a page for each département that has none in this language; what is there already is left alone.

    ``lead`` is the introduction of each, in which {departement} and {region} stand for their names.
    """
    # Whoever makes some at the same time waits here, then finds these.
    parent = Page.objects.select_for_update().get(pk=under.pk)
    present = set(LocalPage.objects.filter(locale=parent.locale_id).values_list("departement", flat=True))
    made = []
    for departement in departements:
        if departement.pk in present:
            continue
        page = LocalPage(
            title=str(departement),
            slug=find_available_slug(parent, slugify(f"{departement.code} {departement.name}")),
            departement=departement,
            lead=filled_in(lead, departement=departement.name, region=departement.region.name),
            live=False,
            locale_id=parent.locale_id,
        )
        parent.add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
        made.append(page)
    note(about=under, count=len(made), published=publish)
    return made
