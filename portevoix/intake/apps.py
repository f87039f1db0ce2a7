from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "portevoix.intake"
    label = "intake"
    verbose_name = _("Intake")

    def ready(self) -> None:
        from portevoix.intake import personal_data  # noqa: F401
