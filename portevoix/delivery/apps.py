from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "portevoix.delivery"
    label = "delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        from portevoix.delivery import personal_data, selectors  # noqa: F401
