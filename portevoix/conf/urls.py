"""Every address of the product: the back office, the doors of the public, then the site's pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.urls import localized_js_catalog
from wagtail.admin.views.home import sprite

from portevoix.kernel.security import public

urlpatterns: list[URLPattern | URLResolver] = [
    # The login page needs its words too; Wagtail leaves them open and our middleware would not.
    path("gestion/jsi18n/", public(localized_js_catalog)),
    path("gestion/sprite/", public(sprite)),  # its icons: a login form in their place would take the visitor there
    path("gestion/", include(wagtailadmin_urls)),
    path("", include("portevoix.rights.urls")),
    path("", include("portevoix.delivery.urls")),
    path("", include("portevoix.actions.urls")),
    path("", include("portevoix.website.urls")),
]
