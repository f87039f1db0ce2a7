from django.urls import path

from portevoix.intake import views

app_name = "intake"
urlpatterns = [path("papier/", views.paper, name="paper")]
