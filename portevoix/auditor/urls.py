from django.urls import path

from portevoix.auditor import views

app_name = "auditor"
urlpatterns = [
    path("", views.sites, name="sites"),
    path("maintenant/", views.ask_own, name="ask_own"),
    path("en-cours/", views.clock_own, name="clock_own"),
    path("nouveau/", views.watch, name="watch"),
    path("<int:pk>/", views.show, name="site"),
    path("<int:pk>/maintenant/", views.ask, name="ask"),
    path("<int:pk>/en-cours/", views.clock, name="clock"),
    path("<int:pk>/modifier/", views.change, name="change"),
    path("<int:pk>/retirer/", views.stop, name="stop"),
    path("passages/<int:pk>/", views.past, name="audit"),
    path("passages/<int:pk>/rapport.json", views.as_json, name="json"),
    path("passages/<int:pk>/images/<slug:name>/", views.picture, name="picture"),
]
