"""The public register of political advertisements (regulation (EU) 2024/900)."""

from django.urls import path

from portevoix.mailings.views import notices

app_name = "adverts"
urlpatterns = [
    path("publicites/", notices.register, name="register"),
    path("publicites.json", notices.register_file, name="register_file"),
    path("publicites/<slug:code>/", notices.notice, name="notice"),
    path("publicites/<slug:code>.json", notices.notice_file, name="notice_file"),
]
