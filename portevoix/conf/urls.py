"""Every address of the product: the back office, the doors of the public, then the site's pages."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.urls import localized_js_catalog
from wagtail.admin.views import account
from wagtail.admin.views.home import sprite

from portevoix.accounts.urls import sign_in_urlpatterns
from portevoix.accounts.views.signing import SignInPage, SignOut
from portevoix.kernel.security import public
from portevoix.website.urls import page_patterns

password_reset_patterns = [
    path("", public(account.PasswordResetView.as_view()), name="wagtailadmin_password_reset"),
    path("done/", public(account.PasswordResetDoneView.as_view()), name="wagtailadmin_password_reset_done"),
    path(
        "confirm/<uidb64>/<token>/",
        public(account.PasswordResetConfirmView.as_view()),
        name="wagtailadmin_password_reset_confirm",
    ),
    path("complete/", public(account.PasswordResetCompleteView.as_view()), name="wagtailadmin_password_reset_complete"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # The login page needs its words too; Wagtail leaves them open and our middleware would not.
    path("gestion/jsi18n/", public(localized_js_catalog)),
    path("gestion/sprite/", public(sprite)),  # its icons: a login form in their place would take the visitor there
    # In the place of Wagtail's own, under the names that Wagtail asks for.
    path("gestion/login/", SignInPage.as_view(), name="wagtailadmin_login"),
    path("gestion/logout/", SignOut.as_view(), name="wagtailadmin_logout"),
    # Wagtail means these to be open, and our middleware would not know it.
    path("gestion/password_reset/", include(password_reset_patterns)),
    path("gestion/connexion/", include((sign_in_urlpatterns, "sign_in"))),
    # Accounts and groups are made by mandates: Wagtail's own screens would let somebody raise their own rights.
    re_path(r"^gestion/(?:users|groups)/", RedirectView.as_view(pattern_name="accounts:team")),
    path("gestion/", include(wagtailadmin_urls)),
    path("api/v1/", include("portevoix.api.urls")),
    path("", include("portevoix.rights.urls")),
    path("", include("portevoix.delivery.urls")),
    path("", include("portevoix.actions.urls")),
    path("", include("portevoix.mailings.urls")),
    path("", include("portevoix.website.urls")),
    *i18n_patterns(*page_patterns, prefix_default_language=False),
]
