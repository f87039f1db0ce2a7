from django.urls import path

from portevoix.actions import views

app_name = "actions"
urlpatterns = [
    path("confirmer/<str:token>/", views.confirm, name="confirm"),
    path("mes-donnees/", views.my_data, name="my_data"),
]
