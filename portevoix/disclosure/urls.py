from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.disclosure.models import OVERSEERS
from portevoix.disclosure.views import access, exports, leaks
from portevoix.disclosure.viewsets import Consultations

app_name = "disclosure"
urlpatterns = [
    path("", exports.order, name="export"),
    path("fichiers/", exports.exports, name="exports"),
    path("fichiers/<int:pk>/", exports.show, name="file"),
    path("fichiers/<int:pk>/mot-de-passe/", exports.password, name="password"),
    path("fichiers/<int:pk>/telecharger/", exports.download, name="download"),
    path("fichiers/<int:pk>/detruire/", exports.destroy, name="destroy"),
    path("fichiers/<int:pk>/copies-detruites/", exports.recall, name="recall"),
    path("fuite/", leaks.identify, name="leak"),
    path("consultations/", seen_by(OVERSEERS)(Consultations.as_view()), name="consultations"),
    path(
        "consultations/resultats/",
        seen_by(OVERSEERS)(Consultations.as_view(results_only=True)),
        name="consultations_results",
    ),
    path("acces/<int:pk>/", access.access, name="access"),
]
