from django.urls import path

from portevoix.disclosure import views

app_name = "disclosure"
urlpatterns = [
    path("", views.export, name="export"),
    path("acces/<int:pk>/", views.access, name="access"),
]
