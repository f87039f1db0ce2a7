from django.urls import path

from portevoix.mailings.views import letters

app_name = "archive"
urlpatterns = [
    path("lettres/", letters.show_all, name="list"),
    path("lettres/<slug:code>/", letters.show, name="letter"),
]
