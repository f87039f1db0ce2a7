from django.urls import path

from portevoix.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("", views.show_all, name="list"),
    path("<str:key>/allumer/", views.turn, name="turn"),
    path("<str:key>/<slug:language>/", views.edit, name="edit"),
    path("<str:key>/<slug:language>/apercu/", views.preview, name="preview"),
    path("<str:key>/<slug:language>/essai/", views.send_test, name="send_test"),
    path("<str:key>/<slug:language>/defaut/", views.restore, name="restore"),
]
