"""The site's addresses: its files, then Wagtail's pages at the end, since they take every other address."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.documents.views import serve as document
from wagtail.urls import serve_pattern
from wagtail.views import authenticate_with_password, serve

from portevoix.kernel.security import public, public_form
from portevoix.website import views

site_patterns = (
    [
        path("theme/<slug:digest>.css", views.theme, name="theme"),
        path("media/images/<path:path>", views.picture, name="picture"),
        path("robots.txt", views.robots, name="robots"),
        path("sitemap.xml", views.sitemap, name="sitemap"),
    ],
    "website",
)

urlpatterns = [
    path("", include(site_patterns)),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        public(authenticate_with_password),
        name="wagtailcore_authenticate_with_password",
    ),
    # Files that pages link to; a collection kept for the team stays so, Wagtail asks for its password or login.
    re_path(r"^documents/(\d+)/(.*)$", public(document.serve), name="wagtaildocs_serve"),
    path(
        "_util/document_password/<int:restriction_id>/",
        public(document.authenticate_with_password),
        name="wagtaildocs_authenticate_with_password",
    ),
    # Where a page kept for the team sends its readers.
    path(
        "_util/login/",
        public(RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True)),
        name="wagtailcore_login",
    ),
    re_path(serve_pattern, public_form(serve), name="wagtail_serve"),
]
