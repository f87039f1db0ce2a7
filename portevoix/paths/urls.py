from django.urls import path

from portevoix.paths.views import board, enrolling, paths, places, tasks

app_name = "paths"
urlpatterns = [
    path("parcours/", paths.show_all, name="list"),
    path("parcours/nouveau/", paths.edit, name="create"),
    path("parcours/<int:pk>/", board.show, name="board"),
    path("parcours/<int:pk>/modifier/", paths.edit, name="edit"),
    path("parcours/<int:pk>/ranger/", paths.shelve, name="shelve"),
    path("parcours/<int:pk>/etapes/<int:step_pk>/suite/", board.more, name="more"),
    path("parcours/<int:pk>/etapes/<int:step_pk>/retrait/", paths.remove_step, name="remove_step"),
    path("parcours/<int:pk>/termines/<slug:state>/", board.ended, name="ended"),
    path("parcours/<int:pk>/segment/", enrolling.enrol, name="enrol"),
    path("parcours/groupes/<int:pk>/", enrolling.show, name="enrolment"),
    path("parcours/groupes/<int:pk>/avancement/", enrolling.progress, name="progress"),
    path("parcours/groupes/<int:pk>/annuler/", enrolling.undo, name="undo"),
    path("parcours/places/<int:pk>/", places.show, name="place"),
    path("parcours/places/<int:pk>/deplacer/", places.move, name="move"),
    path("parcours/places/<int:pk>/quitter/", places.leave, name="leave"),
    path("parcours/personnes/<int:pk>/", places.join, name="join"),
    path("taches/", tasks.show_mine, name="tasks"),
    path("taches/nouvelle/", tasks.write, name="task_add"),
    path("taches/rappels/", tasks.choose, name="reminders"),
    path("taches/personnes/<int:person_pk>/", tasks.write, name="task_about"),
    path("taches/<int:pk>/", tasks.write, name="task"),
    path("taches/<int:pk>/faite/", tasks.tick, name="tick"),
    path("taches/<int:pk>/retrait/", tasks.remove, name="task_remove"),
]
