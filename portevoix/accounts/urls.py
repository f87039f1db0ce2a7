from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.accounts.types import READERS
from portevoix.accounts.views import factors, signing, team
from portevoix.accounts.viewsets import Journal

app_name = "accounts"
urlpatterns = [
    path("journal/", seen_by(READERS)(Journal.as_view()), name="journal"),
    path("journal/resultats/", seen_by(READERS)(Journal.as_view(results_only=True)), name="journal_results"),
    path("equipe/", seen_by(READERS)(team.TeamList.as_view()), name="team"),
    path("equipe/resultats/", seen_by(READERS)(team.TeamList.as_view(results_only=True)), name="team_results"),
    path("equipe/inviter/", team.invite, name="invite"),
    path("equipe/<int:pk>/", team.member, name="member"),
    path("equipe/<int:pk>/<slug:act>/", team.change, name="change_member"),
    path("equipe/mandats/<int:pk>/fin/", team.end_mandate, name="end_mandate"),
    path("acces/", factors.access, name="access"),
    path("acces/debut/", factors.begin, name="begin"),
    path("acces/application/", factors.totp, name="totp"),
    path("acces/cle/options/", factors.passkey_options, name="passkey_options"),
    path("acces/cle/", factors.add_passkey, name="add_passkey"),
    path("acces/secours/", factors.recovery_codes, name="recovery_codes"),
    path("acces/<int:pk>/retirer/", factors.remove, name="remove_factor"),
    path("acces/sessions/", factors.end_sessions, name="end_sessions"),
]

#: Open to whoever is not signed in yet, so outside what the back office asks a right for.
sign_in_urlpatterns = [
    path("code/", signing.code, name="code"),
    path("cle/options/", signing.passkey_options, name="passkey_options"),
    path("cle/", signing.passkey, name="passkey"),
]
