from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    name = "portevoix.actions"
    label = "actions"
    verbose_name = _("Actions")

    def ready(self) -> None:
        from portevoix.actions import criteria, letters, personal_data  # noqa: F401
        from portevoix.actions.letters import calling_off, entailed  # noqa: F401
        from portevoix.actions.services import asking  # noqa: F401
