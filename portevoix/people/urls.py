from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.people.views import bulk, contacts, fields, households, lists, record, writing
from portevoix.people.viewsets import PeopleList

app_name = "people"
urlpatterns = [
    path("", seen_by()(PeopleList.as_view()), name="list"),
    path("resultats/", seen_by()(PeopleList.as_view(results_only=True)), name="list_results"),
    path("colonnes/", lists.choose_columns, name="columns"),
    path("clavier/", lists.shortcuts, name="shortcuts"),
    path("vues/nouvelle/", lists.view, name="view_add"),
    path("vues/<int:view_pk>/", lists.view, name="view"),
    path("vues/<int:view_pk>/retrait/", lists.remove_view, name="view_remove"),
    path("actes/", bulk.acts, name="acts"),
    path("actes/choisir/", bulk.choose, name="act_choose"),
    path("actes/<int:run_pk>/", bulk.act, name="act"),
    path("actes/<int:run_pk>/faire/", bulk.start, name="act_start"),
    path("actes/<int:run_pk>/arreter/", bulk.cancel, name="act_cancel"),
    path("actes/<int:run_pk>/annuler/", bulk.undo, name="act_undo"),
    path("champs/", fields.fields, name="fields"),
    path("champs/nouveau/", fields.field, name="field_add"),
    path("champs/<int:field_pk>/", fields.field, name="field"),
    path("champs/<int:field_pk>/retrait/", fields.retire, name="field_retire"),
    path("<int:pk>/", record.show, name="person"),
    path("<int:pk>/modifier/", record.edit, name="edit"),
    path("<int:pk>/coordonnees/", contacts.edit, name="contacts"),
    path("<int:pk>/notes/", writing.write_note, name="note_add"),
    path("<int:pk>/notes/<int:note_pk>/", writing.correct_note, name="note"),
    path("<int:pk>/fichiers/", writing.add_file, name="file_add"),
    path("<int:pk>/fichiers/<int:file_pk>/", writing.file, name="file"),
    path("<int:pk>/fichiers/<int:file_pk>/retrait/", writing.remove_file, name="file_remove"),
    path("<int:pk>/roles/", writing.roles, name="roles"),
    path("<int:pk>/roles/<int:role_pk>/", writing.role, name="role"),
    path("<int:pk>/roles/<int:role_pk>/retrait/", writing.remove_role, name="role_remove"),
    path("<int:pk>/foyer/", households.show, name="household"),
    path("<int:pk>/foyer/adresse/", households.describe, name="household_describe"),
    path("<int:pk>/foyer/avec/<int:other_pk>/", households.join, name="household_join"),
    path("<int:pk>/foyer/retrait/", households.leave, name="household_leave"),
    path("<int:pk>/liens/", writing.ties, name="ties"),
    path("<int:pk>/liens/<int:tie_pk>/retrait/", writing.untie, name="untie"),
]
