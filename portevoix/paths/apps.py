from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PathsConfig(AppConfig):
    name = "portevoix.paths"
    label = "paths"
    verbose_name = _("Paths")

    def ready(self) -> None:
        from portevoix.paths import criteria, personal_data  # noqa: F401
