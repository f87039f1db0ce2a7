"""The site's addresses: its files, then Wagtail's pages at the end, since they take every other address."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.documents.views import serve as document
from wagtail.urls import serve_pattern

from portevoix.kernel.security import public
from portevoix.website.views import choosing, files, pages, passwords, searching

site_patterns = (
    [
        path("theme/<slug:digest>.css", files.theme, name="theme"),
        path("media/images/<path:path>", files.picture, name="picture"),
        path("media/recordings/<path:path>", files.recording, name="recording"),
        path("partage/<int:pk>-<slug:digest>.png", files.share, name="share"),
        path("icone-<int:size>.png", files.icon, name="icon"),
        path("favicon.ico", public(RedirectView.as_view(pattern_name="website:icon")), {"size": 192}, name="favicon"),
        path("site.webmanifest", files.manifest, name="manifest"),
        path(".well-known/gpc.json", files.gpc, name="gpc"),
        path("robots.txt", files.robots, name="robots"),
        path("sitemap.xml", files.sitemap, name="sitemap"),
    ],
    "website",
)

urlpatterns = [
    path("", include(site_patterns)),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        passwords.open_page,
        name="wagtailcore_authenticate_with_password",
    ),
    # Files that pages link to; a collection kept for the team stays so, Wagtail asks for its password or login.
    re_path(r"^documents/(\d+)/(.*)$", public(document.serve), name="wagtaildocs_serve"),
    path(
        "_util/document_password/<int:restriction_id>/",
        passwords.open_file,
        name="wagtaildocs_authenticate_with_password",
    ),
    # Where a page kept for the team sends its readers.
    path(
        "_util/login/",
        public(RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True)),
        name="wagtailcore_login",
    ),
]

#: Addresses that begin with the language of what they show, but for the main one's.
page_patterns = [
    path("recherche/", searching.search, name="site_search"),
    path("mes-choix/", choosing.choose, name="site_choices"),
    re_path(serve_pattern, pages.serve, name="wagtail_serve"),
]
