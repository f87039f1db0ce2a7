from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.people import views
from portevoix.people.viewsets import PeopleList

app_name = "people"
urlpatterns = [
    path("", seen_by()(PeopleList.as_view()), name="list"),
    path("resultats/", seen_by()(PeopleList.as_view(results_only=True)), name="list_results"),
    path("<int:pk>/", views.show, name="person"),
    path("<int:pk>/modifier/", views.edit, name="edit"),
]
