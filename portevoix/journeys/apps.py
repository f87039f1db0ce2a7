from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "portevoix.journeys"
    label = "journeys"
    verbose_name = _("Automations")

    def ready(self) -> None:
        from portevoix.journeys import personal_data  # noqa: F401
        from portevoix.journeys.services import acts, calling, texting  # noqa: F401
