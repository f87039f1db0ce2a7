"""What the public reads of the mailings: letters, and the register of political advertisements."""

from django.urls import include, path

from portevoix.mailings.views import letters, notices

archive = [
    path("lettres/", letters.show_all, name="list"),
    path("lettres/<slug:code>/", letters.show, name="letter"),
]
#: Regulation (EU) 2024/900, art. 12 and 13.
adverts = [
    path("publicites/", notices.register, name="register"),
    path("publicites.json", notices.register_file, name="register_file"),
    path("publicites/<slug:code>/", notices.notice, name="notice"),
    path("publicites/<slug:code>.json", notices.notice_file, name="notice_file"),
]
urlpatterns = [path("", include((archive, "archive"))), path("", include((adverts, "adverts")))]
