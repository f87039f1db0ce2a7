from django.urls import path

from portevoix.journeys.views import addresses, adverts, approvals, editing, journeys, questions, trying

app_name = "journeys"
urlpatterns = [
    path("", journeys.show_all, name="list"),
    path("nouvelle/", journeys.create, name="create"),
    path("adresses/", addresses.show_all, name="addresses"),
    path("adresses/nouvelle/", addresses.add, name="address_add"),
    path("adresses/<int:pk>/fermer/", addresses.end, name="address_end"),
    path("personnes/<int:pk>/retirer/", journeys.take_out, name="take_out"),
    path("<int:pk>/", journeys.show, name="show"),
    path("<int:pk>/nom/", journeys.rename, name="rename"),
    path("<int:pk>/depart/", editing.start, name="start"),
    path("<int:pk>/question/<slug:which>/", questions.edit, name="question"),
    path("<int:pk>/etapes/nouvelle/", editing.add, name="add"),
    path("<int:pk>/etapes/<int:key>/", editing.edit, name="step"),
    path("<int:pk>/etapes/<int:key>/essai/", trying.test, name="test_letter"),
    path("<int:pk>/etapes/<int:key>/annonce/", adverts.declare, name="declare"),
    path("<int:pk>/etapes/<int:key>/deplacer/", editing.move, name="move"),
    path("<int:pk>/etapes/<int:key>/retrait/", editing.remove, name="remove"),
    path("<int:pk>/lettres/<int:number>/<int:key>/", editing.letter, name="letter"),
    path("<int:pk>/demander/", approvals.ask, name="ask_approval"),
    path("<int:pk>/repondre/", approvals.answer, name="answer_approval"),
    path("<int:pk>/essai/", trying.show, name="try"),
    path("<int:pk>/acte/<slug:name>/", journeys.act, name="act"),
]
