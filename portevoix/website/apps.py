from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    name = "portevoix.website"
    label = "website"
    verbose_name = _("Public site")

    def ready(self) -> None:
        from portevoix.website import freshness

        freshness.watch_pages()
