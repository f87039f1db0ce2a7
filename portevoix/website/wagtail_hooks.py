"""What the public site adds to the back office: its colours, its logo, and room for what staff may write."""

from __future__ import annotations

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from portevoix.website.models import Identity

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
