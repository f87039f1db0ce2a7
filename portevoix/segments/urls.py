from django.urls import path

from portevoix.accounts.office import seen_by
from portevoix.segments.views import editor, people_map, people_reach, segments
from portevoix.segments.viewsets import SegmentList

app_name = "segments"
urlpatterns = [
    path("", seen_by()(SegmentList.as_view()), name="list"),
    path("resultats/", seen_by()(SegmentList.as_view(results_only=True)), name="list_results"),
    path("nouveau/", editor.create, name="create"),
    path("carte/", people_map.show, name="map"),
    path("carte/hexagones/<int:resolution>/", people_map.hexagons, name="hexagons"),
    path("carte/portee/", people_map.reach, name="map_reach"),
    path("personnes/portee/", people_reach.of_list, name="people_reach"),
    path("actes/<int:run_pk>/portee/", people_reach.of_act, name="act_reach"),
    path("<int:pk>/", segments.show, name="segment"),
    path("<int:pk>/nombre/", segments.count, name="count"),
    path("<int:pk>/modifier/", editor.edit, name="edit"),
    path("<int:pk>/supprimer/", segments.delete, name="delete"),
    path("<int:pk>/figer/", segments.freeze, name="freeze"),
    path("photos/<int:pk>/portee/", segments.snapshot_reach, name="snapshot_reach"),
    path("photos/<int:pk>/supprimer/", segments.delete_snapshot, name="delete_snapshot"),
]
