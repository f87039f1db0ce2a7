from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailingsConfig(AppConfig):
    name = "portevoix.mailings"
    label = "mailings"
    verbose_name = _("Mailings")

    def ready(self) -> None:
        from portevoix.mailings import criteria, selectors  # noqa: F401
