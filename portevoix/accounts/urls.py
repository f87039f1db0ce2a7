from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.accounts.viewsets import READERS, Journal

app_name = "accounts"
urlpatterns = [
    path("", seen_by(READERS)(Journal.as_view()), name="journal"),
    path("resultats/", seen_by(READERS)(Journal.as_view(results_only=True)), name="journal_results"),
]
