from django.urls import path

from portevoix.actions import views
from portevoix.actions.views import mine, requests, signatures

app_name = "actions"
urlpatterns = [
    path("rendez-vous/<int:pk>.ics", views.calendar, name="calendar"),
    path("confirmer/<str:token>/", views.confirm, name="confirm"),
    path("mes-donnees/", views.my_data, name="my_data"),
    path("mes-donnees/demander/<str:token>/", views.ask_for_copy, name="ask_for_copy"),
    path("mes-donnees/actions/<str:token>/", mine.show, name="mine"),
    path("mes-donnees/copie/<str:token>/", views.copy, name="copy"),
    path("signataires/<int:pk>/", signatures.signatories, name="signatories"),
    path("agir/<int:pk>/", signatures.from_elsewhere, name="from_elsewhere"),
    path("mes-droits/", requests.ask, name="my_rights"),
    path("mes-droits/<str:token>/", requests.follow, name="request"),
]
