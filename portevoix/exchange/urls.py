from django.urls import path

from portevoix.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.show, name="import"),
    path("<int:pk>/importer/", views.start, name="start"),
    path("<int:pk>/abandonner/", views.give_up, name="give_up"),
    path("<int:pk>/lignes-ecartees/", views.left_aside, name="left_aside"),
]
