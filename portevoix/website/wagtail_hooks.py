"""What the public site adds to the back office: its colours, its logo, and room for what staff may write."""

from __future__ import annotations

from django.conf import settings
from django.templatetags.static import static
from django.urls import URLResolver, include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.office import ScreenItem
from portevoix.website.models import Identity
from portevoix.website.views import local, look

#: Twice the size at which letters show it.
LETTER_LOGO = "fill-80x80"


@hooks.register("insert_global_admin_css")
def product_colours() -> SafeString:
    """Dress Wagtail in the product's colours by its own variables."""
    return format_html('<link rel="stylesheet" href="{}">', static("website/admin.css"))


@hooks.register("describe_brand")
def brand_of_letters() -> dict[str, str]:
    """Give letters the site's name and colours (`delivery.letters.Brand`)."""
    identity = Identity.load()
    colours = {name: getattr(identity, name) for name in ("brand", "deep", "accent", "spark", "calm")}
    # Mail programs do not show SVG.
    logo = identity.logo if identity.logo and not identity.logo.is_svg() else None
    address = settings.BASE_URL + logo.get_rendition(LETTER_LOGO).url if logo else ""
    return {"name": identity.name, "logo": address, **colours}


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    screens = [
        path("apparence/", look.look, name="look"),
        path("apparence/essai/", look.trial, name="look_trial"),
        path("apparence/apercu/", look.preview, name="look_preview"),
        path("apparence/feuille.css", look.sheet, name="look_sheet"),
        path("pages-locales/", local.make, name="local_pages"),
    ]
    return [path("", include((screens, "website_office")))]


@hooks.register("register_settings_menu_item")
def look_item() -> ScreenItem:
    return ScreenItem(
        _("Look"), reverse("website_office:look"), act="website.dress", name="look", icon_name="view", order=5
    )


@hooks.register("register_settings_menu_item")
def local_pages_item() -> ScreenItem:
    address = reverse("website_office:local_pages")
    return ScreenItem(
        _("Local pages in bulk"),
        address,
        act="website.make_local_pages",
        name="local-pages",
        icon_name="site",
        order=30,
    )
