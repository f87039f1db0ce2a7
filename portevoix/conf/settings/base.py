"""Settings shared by every way of running; what differs between campaigns is in the instance's file."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from portevoix.conf.instance import Instance, load

INSTANCE: Instance = load()

SECRET_KEY = INSTANCE.secrets.key or "unset: the console refuses to serve without secrets.key"
SECRET_KEY_FALLBACKS = INSTANCE.secrets.former
DEBUG = INSTANCE.debug
ALLOWED_HOSTS = INSTANCE.site.allowed_hosts
BASE_URL = INSTANCE.site.base_url
#: Seconds below which nobody fills in a public form.
FORM_SOONEST = 2
IS_SECURE = BASE_URL.startswith("https://")
ROOT_URLCONF = "portevoix.conf.urls"
WSGI_APPLICATION = "portevoix.conf.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Ours first, so that our templates and commands win.
    "portevoix.operations",
    "portevoix.api",
    "portevoix.exchange",
    "portevoix.website",
    "portevoix.registers",
    "portevoix.journeys",
    "portevoix.actions",
    "portevoix.mailings",
    "portevoix.paths",
    "portevoix.correspondence",
    "portevoix.intake",
    "portevoix.delivery",
    "portevoix.disclosure",
    "portevoix.segments",
    "portevoix.rights",
    "portevoix.people",
    "portevoix.audience",
    "portevoix.auditor",
    "portevoix.territory",
    "portevoix.accounts",
    "portevoix.journal",
    "portevoix.kernel",
    "procrastinate.contrib.django",
    "django.contrib.sitemaps",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.forms",
    "wagtail.contrib.routable_page",  # feeds under the address of their list
    "wagtail.contrib.simple_translation",  # docs/decisions/0020
    "wagtail.locales",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "portevoix.audience.middleware.CountVisits",  # outside the cache, so that cached pages are counted
    "portevoix.website.middleware.PageCache",  # before anything that touches the database
    "portevoix.website.middleware.PageLanguage",
    "django.middleware.security.SecurityMiddleware",
    "portevoix.kernel.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portevoix.kernel.security.ClosedUnlessPublic",  # closed unless declared public
    "portevoix.accounts.middleware.SecondFactor",  # and to sessions that ended, or that a password alone opened
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portevoix.website.context_processors.shell",
            ],
        },
    }
]


def database(url: str, pool_size: int) -> dict[str, Any]:
    """Turn a libpq address into Django's dictionary; options of the query are passed on as they are."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    options["pool"] = {"min_size": 0, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "portevoix",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": database(INSTANCE.database.url, INSTANCE.database.pool_size)}

# accounts
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECOND_FACTOR_REQUIRED = not INSTANCE.demo
SESSION_COOKIE_AGE = 12 * 3600  # the most; `accounts.rules` ends what is left alone
SESSION_COOKIE_NAME = "portevoix_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/"
CSRF_COOKIE_HTTPONLY = False  # Wagtail's editor reads it

# language, time
LANGUAGE_CODE = INSTANCE.site.language
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [
    ("fr", _("French")),
    ("en", _("English")),
]
TIME_ZONE = "Europe/Paris"
USE_TZ = USE_I18N = True
WAGTAIL_USER_TIME_ZONES = ["Europe/Paris"]

# audience
COUNT_VISITS = True

#: Networks of the host, in CIDR notation, on which addresses outside may be told; none: only the public internet.
WEBHOOK_NETWORKS: tuple[str, ...] = ()

# files
DATA_DIR = INSTANCE.data_dir.absolute()
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "/static/"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# security
SECURE_SSL_REDIRECT = False  # the host's proxy does it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Public pages carry no inline script or style, so no nonce and no exception is needed.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
    }
}
# Wagtail's editor (Draftail, Telepath) writes style attributes; its scripts need no exception.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "worker-src": [SELF, "blob:"],
    "frame-src": [SELF],
}

# Wagtail
WAGTAIL_SITE_NAME = INSTANCE.site.name
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False  # asks a third party
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # asks a third party
WAGTAIL_I18N_ENABLED = True
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_PASSWORD_REQUIRED_TEMPLATE = "website/password.html"  # noqa: S105 - the name of a template
WAGTAILDOCS_PASSWORD_REQUIRED_TEMPLATE = WAGTAIL_PASSWORD_REQUIRED_TEMPLATE
WAGTAIL_APPEND_SLASH = True
WAGTAILIMAGES_IMAGE_MODEL = "website.Picture"  # announces its changes to the page cache
WAGTAILIMAGES_IMAGE_FORM_BASE = "portevoix.website.forms.pictures.PictureForm"  # asks for the alternative text
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000  # what a telephone takes; more would fill the memory of a small host
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "portevoix.website.forms.documents.DocumentForm"  # looks at what a file really is
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "key", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # foreign content is a consent question, not an embed
WAGTAILSEARCH_BACKENDS = {  # the configuration is made by a migration of the website: French, accents taken off
    "default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "french_unaccented"}
}
TAGGIT_CASE_INSENSITIVE = True

# mail: Django's own mail (password resets) leaves by the same server
EMAIL_HOST = INSTANCE.mail.host
EMAIL_PORT = INSTANCE.mail.port
EMAIL_HOST_USER = INSTANCE.mail.user
EMAIL_HOST_PASSWORD = INSTANCE.mail.password
EMAIL_USE_TLS = INSTANCE.mail.security == "starttls"
EMAIL_USE_SSL = INSTANCE.mail.security == "tls"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = SERVER_EMAIL = INSTANCE.mail.sender

# logs: never a person's data
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"portevoix": {"level": "INFO"}},
}
