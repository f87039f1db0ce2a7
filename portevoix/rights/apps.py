from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RightsConfig(AppConfig):
    name = "portevoix.rights"
    label = "rights"
    verbose_name = _("Rights")

    def ready(self) -> None:
        from portevoix.rights import personal_data  # noqa: F401
