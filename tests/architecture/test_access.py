"""Who gets in where: every address of the back office, tried by every role, against one table.

A new address needs its line: the failure prints the line as it is found, for whoever answers for it to read and paste.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from wagtail.models import Page

from portevoix.accounts.models import SignIn
from portevoix.accounts.services import mandates
from portevoix.accounts.types import OVER_ONE_DEPARTEMENT, Invitation, Role, System
from tests.architecture.test_urls import addresses, is_public
from tests.architecture.world import NOT_HERE, OF_PERSONS, OF_THINGS, everything_about, said_by
from tests.mailings.factories import MailingFactory
from tests.paths.factories import PathFactory
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db
OFFICE = "/gestion/"
COLUMNS = {
    Role.DIRECTOR: "dir",
    Role.DATA_OFFICER: "dpo",
    Role.COMMUNICATIONS: "com",
    Role.TREASURER: "tre",
    Role.ORGANISER: "org",
    Role.LOCAL_LEAD: "loc",
    Role.READER: "rea",
}
TABLE = """
                                      dir dpo com tre org loc rea
acces/                                x   x   x   x   x   x   x
acces/1/retirer/                      x   x   x   x   x   x   x
acces/application/                    x   x   x   x   x   x   x
acces/cle/                            x   x   x   x   x   x   x
acces/cle/options/                    x   x   x   x   x   x   x
acces/debut/                          x   x   x   x   x   x   x
acces/secours/                        x   x   x   x   x   x   x
acces/sessions/                       x   x   x   x   x   x   x
actions/                              x   x   x   ·   x   ·   ·
actions/1/                            x   x   x   ·   x   ·   ·
actions/1/annulation/                 x   ·   x   ·   x   ·   ·
actions/1/origines/                   x   x   x   ·   x   ·   ·
actions/1/origines/fichier/           x   x   x   ·   x   ·   ·
actions/1/partage/                    x   x   x   ·   x   ·   ·
actions/1/partage/code/x/             x   x   x   ·   x   ·   ·
actions/1/presents/                   x   x   x   ·   x   x   ·
actions/1/presents/1/                 x   ·   ·   ·   x   x   ·
actions/1/procurations/               x   ·   ·   ·   x   x   ·
actions/1/remise/                     x   x   ·   ·   ·   ·   ·
actions/1/reponses/                   x   x   x   ·   x   x   ·
actions/1/reponses/1/                 x   x   x   ·   x   x   ·
actions/1/reponses/export/            x   x   ·   ·   x   ·   ·
actions/1/reponses/x/                 x   x   x   ·   x   x   ·
actions/1/retablissement/             x   ·   x   ·   x   ·   ·
actions/adhesions/                    x   x   ·   ·   x   x   ·
actions/adhesions/1/accepter/         x   x   ·   ·   x   x   ·
actions/adhesions/1/refuser/          x   x   ·   ·   x   x   ·
actions/messages/                     x   ·   x   ·   x   x   ·
actions/messages/1/                   x   ·   x   ·   x   x   ·
actions/messages/1/charge/            x   ·   x   ·   x   x   ·
actions/messages/1/cloture/           x   ·   x   ·   x   x   ·
actions/procurations/1/               x   ·   ·   ·   x   x   ·
apparence/                            x   ·   x   ·   ·   ·   ·
apparence/apercu/                     x   ·   x   ·   ·   ·   ·
apparence/essai/                      x   ·   x   ·   ·   ·   ·
apparence/feuille.css                 x   ·   x   ·   ·   ·   ·
audience/                             x   x   x   x   x   x   x
audits/                               x   x   x   ·   ·   ·   ·
audits/1/                             x   x   x   ·   ·   ·   ·
audits/1/en-cours/                    x   x   x   ·   ·   ·   ·
audits/1/maintenant/                  x   x   x   ·   ·   ·   ·
audits/1/modifier/                    x   x   x   ·   ·   ·   ·
audits/1/retirer/                     x   x   x   ·   ·   ·   ·
audits/en-cours/                      x   x   x   ·   ·   ·   ·
audits/maintenant/                    x   x   x   ·   ·   ·   ·
audits/nouveau/                       x   x   x   ·   ·   ·   ·
audits/passages/1/                    x   x   x   ·   ·   ·   ·
audits/passages/1/images/x/           x   x   x   ·   ·   ·   ·
audits/passages/1/rapport.json        x   x   x   ·   ·   ·   ·
automatisations/                      x   x   x   ·   x   ·   ·
automatisations/1/                    x   x   x   ·   x   ·   ·
automatisations/1/acte/x/             x   ·   x   ·   ·   ·   ·
automatisations/1/demander/           x   ·   x   ·   ·   ·   ·
automatisations/1/depart/             x   ·   x   ·   ·   ·   ·
automatisations/1/essai/              x   x   x   ·   x   ·   ·
automatisations/1/etapes/1/           x   ·   x   ·   ·   ·   ·
automatisations/1/etapes/1/annonce/   x   ·   x   ·   ·   ·   ·
automatisations/1/etapes/1/deplacer/  x   ·   x   ·   ·   ·   ·
automatisations/1/etapes/1/essai/     x   ·   x   ·   ·   ·   ·
automatisations/1/etapes/1/retrait/   x   ·   x   ·   ·   ·   ·
automatisations/1/etapes/nouvelle/    x   ·   x   ·   ·   ·   ·
automatisations/1/lettres/1/1/        x   x   x   ·   x   ·   ·
automatisations/1/nom/                x   ·   x   ·   ·   ·   ·
automatisations/1/question/x/         x   ·   x   ·   ·   ·   ·
automatisations/1/repondre/           x   ·   x   ·   ·   ·   ·
automatisations/adresses/             x   x   ·   ·   ·   ·   ·
automatisations/adresses/1/fermer/    x   x   ·   ·   ·   ·   ·
automatisations/adresses/nouvelle/    x   x   ·   ·   ·   ·   ·
automatisations/nouvelle/             x   ·   x   ·   ·   ·   ·
automatisations/personnes/1/retirer/  x   ·   x   ·   ·   ·   ·
cles/                                 x   x   x   x   x   x   x
cles/1/fin/                           x   x   x   x   x   x   x
cles/nouvelle/                        x   x   x   x   x   x   x
conservation/                         x   x   ·   ·   ·   ·   ·
conservation/a-regulariser/           x   x   ·   ·   ·   ·   ·
conservation/a-regulariser/x/1/       x   x   ·   ·   ·   ·   ·
conservation/fin/                     x   x   ·   ·   ·   ·   ·
conservation/fin/1/accord/            x   x   ·   ·   ·   ·   ·
conservation/fin/1/annuler/           x   x   ·   ·   ·   ·   ·
conservation/fin/1/attestation/       x   x   ·   ·   ·   ·   ·
conservation/fin/1/fichier/           x   x   ·   ·   ·   ·   ·
conservation/nuit/                    x   x   ·   ·   ·   ·   ·
conservation/nuit/1/arreter/          x   x   ·   ·   ·   ·   ·
conservation/nuit/1/confirmer/        x   x   ·   ·   ·   ·   ·
conservation/regles/x/                x   x   ·   ·   ·   ·   ·
conservation/regles/x/qui/            x   x   ·   ·   ·   ·   ·
contacts/1/x/                         x   ·   ·   ·   x   x   ·
demandes/                             x   x   ·   ·   ·   ·   ·
demandes/1/                           x   x   ·   ·   ·   ·   ·
demandes/1/x/                         x   x   ·   ·   ·   ·   ·
demandes/nouvelle/1/                  x   x   ·   ·   ·   ·   ·
doublons/                             x   x   ·   ·   x   x   ·
doublons/1/1/                         x   x   ·   ·   x   x   ·
doublons/1/1/differents/              x   x   ·   ·   x   x   ·
doublons/avec/1/                      x   x   ·   ·   x   x   ·
doublons/chercher/                    x   x   ·   ·   x   x   ·
doublons/fusions/1/annuler/           x   x   ·   ·   x   x   ·
doublons/regle/                       x   ·   ·   ·   ·   ·   ·
droits/1/effacer/                     x   x   ·   ·   ·   ·   ·
droits/1/opinions/                    x   x   ·   ·   x   x   ·
droits/1/opinions/accord/             x   x   ·   ·   ·   ·   ·
droits/1/retirer/1/                   x   x   ·   ·   ·   ·   ·
elections/                            x   x   x   x   x   x   x
elections/1/                          x   ·   ·   ·   ·   ·   ·
elections/1/retrait/                  x   ·   ·   ·   ·   ·   ·
elections/nouvelle/                   x   ·   ·   ·   ·   ·   ·
equipe/                               x   x   ·   ·   ·   ·   ·
equipe/1/                             x   x   ·   ·   ·   ·   ·
equipe/1/x/                           x   ·   ·   ·   ·   ·   ·
equipe/inviter/                       x   ·   ·   ·   ·   ·   ·
equipe/mandats/1/fin/                 x   ·   ·   ·   ·   ·   ·
equipe/resultats/                     x   x   ·   ·   ·   ·   ·
entrees/papier/                       x   ·   ·   ·   x   x   ·
export/                               x   x   ·   ·   x   ·   ·
export/acces/1/                       x   x   ·   ·   ·   ·   ·
export/consultations/                 x   x   ·   ·   ·   ·   ·
export/consultations/resultats/       x   x   ·   ·   ·   ·   ·
export/fichiers/                      x   x   ·   ·   x   ·   ·
export/fichiers/1/                    x   x   ·   ·   x   ·   ·
export/fichiers/1/copies-detruites/   x   x   ·   ·   x   ·   ·
export/fichiers/1/detruire/           x   x   ·   ·   x   ·   ·
export/fichiers/1/mot-de-passe/       x   x   ·   ·   x   ·   ·
export/fichiers/1/telecharger/        x   x   ·   ·   x   ·   ·
export/fuite/                         x   x   ·   ·   ·   ·   ·
imports/                              x   x   ·   ·   ·   ·   ·
imports/1/                            x   x   ·   ·   ·   ·   ·
imports/1/abandonner/                 x   x   ·   ·   ·   ·   ·
imports/1/importer/                   x   x   ·   ·   ·   ·   ·
imports/1/lignes-ecartees/            x   x   ·   ·   ·   ·   ·
journal/                              x   x   ·   ·   ·   ·   ·
journal/resultats/                    x   x   ·   ·   ·   ·   ·
lettres/                              x   ·   x   ·   ·   ·   ·
lettres/x/allumer/                    x   ·   x   ·   ·   ·   ·
lettres/x/x/                          x   ·   x   ·   ·   ·   ·
lettres/x/x/apercu/                   x   ·   x   ·   ·   ·   ·
lettres/x/x/defaut/                   x   ·   x   ·   ·   ·   ·
lettres/x/x/essai/                    x   ·   x   ·   ·   ·   ·
messages/                             x   x   x   x   x   x   x
messages/1/again/                     x   ·   x   ·   ·   ·   ·
messages/1/approval/                  x   ·   x   ·   ·   ·   ·
messages/1/approval/answer/           x   ·   x   ·   ·   ·   ·
messages/1/approval/ask/              x   ·   x   ·   ·   ·   ·
messages/1/archive/                   x   ·   x   ·   ·   ·   ·
messages/1/checks/                    x   ·   x   ·   ·   ·   ·
messages/1/checks/links/              x   ·   x   ·   ·   ·   ·
messages/1/departure/                 x   x   x   x   x   x   x
messages/1/letter/                    x   x   x   x   x   x   x
messages/1/look/                      x   x   x   x   x   x   x
messages/1/pause/                     x   ·   x   ·   ·   ·   ·
messages/1/progress/                  x   x   x   x   x   x   x
messages/1/report/                    x   x   x   x   x   x   x
messages/1/report/x/                  x   x   x   x   x   x   x
messages/1/results/                   x   x   x   x   x   x   x
messages/1/resume/                    x   ·   x   ·   ·   ·   ·
messages/1/rules/                     x   ·   x   ·   ·   ·   ·
messages/1/rules/advert/              x   ·   x   ·   ·   ·   ·
messages/1/rules/advert/none/         x   ·   x   ·   ·   ·   ·
messages/1/schedule/                  x   ·   x   ·   ·   ·   ·
messages/1/send/                      x   ·   x   ·   ·   ·   ·
messages/1/stop/                      x   ·   x   ·   ·   ·   ·
messages/1/targets/                   x   ·   x   ·   ·   ·   ·
messages/1/template/                  x   ·   x   ·   ·   ·   ·
messages/1/test/                      x   ·   x   ·   ·   ·   ·
messages/1/tests/                     x   ·   x   ·   ·   ·   ·
messages/1/text/                      x   ·   x   ·   ·   ·   ·
messages/1/trial/                     x   x   x   x   x   x   x
messages/1/trial/decide/              x   ·   x   ·   ·   ·   ·
messages/1/trial/drop/                x   ·   x   ·   ·   ·   ·
messages/1/trial/version/             x   ·   x   ·   ·   ·   ·
messages/1/unschedule/                x   ·   x   ·   ·   ·   ·
messages/adverts/                     x   x   x   x   x   x   x
messages/adverts/x/                   x   ·   x   ·   ·   ·   ·
messages/approval/                    x   ·   ·   ·   ·   ·   ·
messages/compare/                     x   x   x   x   x   x   x
messages/compare/x/                   x   x   x   x   x   x   x
messages/copy/1/                      x   ·   x   ·   ·   ·   ·
messages/delete/1/                    x   ·   x   ·   ·   ·   ·
messages/edit/1/                      x   ·   x   ·   ·   ·   ·
messages/new/                         x   ·   x   ·   ·   ·   ·
messages/new/x/                       x   ·   x   ·   ·   ·   ·
messages/pace/                        x   x   x   x   x   x   x
messages/preview/                     x   ·   x   ·   ·   ·   ·
messages/preview/1/                   x   ·   x   ·   ·   ·   ·
messages/results/                     x   x   x   x   x   x   x
messages/returns/                     x   x   x   x   x   x   x
messages/templates/                   x   ·   x   ·   ·   ·   ·
messages/templates/1/delete/          x   ·   x   ·   ·   ·   ·
messages/templates/x/look/            x   ·   x   ·   ·   ·   ·
mise-en-route/                        x   ·   x   ·   ·   ·   ·
mise-en-route/apparence/              x   ·   x   ·   ·   ·   ·
mise-en-route/pages/                  x   ·   x   ·   ·   ·   ·
mise-en-route/qui/                    x   ·   x   ·   ·   ·   ·
mise-en-route/relecture/              x   ·   x   ·   ·   ·   ·
pages-locales/                        x   ·   x   ·   ·   ·   ·
parcours/                             x   x   x   x   x   x   x
parcours/1/                           x   x   x   x   x   x   x
parcours/1/etapes/1/retrait/          x   ·   ·   ·   x   ·   ·
parcours/1/etapes/1/suite/            x   x   x   x   x   x   x
parcours/1/modifier/                  x   ·   ·   ·   x   ·   ·
parcours/1/ranger/                    x   ·   ·   ·   x   ·   ·
parcours/1/segment/                   x   ·   ·   ·   x   x   ·
parcours/1/termines/x/                x   x   x   x   x   x   x
parcours/groupes/1/                   x   ·   ·   ·   x   x   ·
parcours/groupes/1/annuler/           x   ·   ·   ·   x   x   ·
parcours/groupes/1/avancement/        x   ·   ·   ·   x   x   ·
parcours/nouveau/                     x   ·   ·   ·   x   ·   ·
parcours/personnes/1/                 x   ·   ·   ·   x   x   ·
parcours/places/1/                    x   x   x   x   x   x   x
parcours/places/1/deplacer/           x   ·   ·   ·   x   x   ·
parcours/places/1/quitter/            x   ·   ·   ·   x   x   ·
personnes/                            x   x   x   x   x   x   x
personnes/1/                          x   x   x   x   x   x   x
personnes/1/coordonnees/              x   x   ·   ·   x   x   ·
personnes/1/fichiers/                 x   x   ·   ·   x   x   ·
personnes/1/fichiers/1/               x   x   ·   ·   x   x   ·
personnes/1/fichiers/1/retrait/       x   x   ·   ·   x   x   ·
personnes/1/foyer/                    x   x   ·   ·   x   x   ·
personnes/1/foyer/adresse/            x   x   ·   ·   x   x   ·
personnes/1/foyer/avec/1/             x   x   ·   ·   x   x   ·
personnes/1/foyer/retrait/            x   x   ·   ·   x   x   ·
personnes/1/liens/                    x   x   ·   ·   x   x   ·
personnes/1/liens/1/retrait/          x   x   ·   ·   x   x   ·
personnes/1/modifier/                 x   x   ·   ·   x   x   ·
personnes/1/notes/                    x   x   ·   ·   x   x   ·
personnes/1/notes/1/                  x   x   ·   ·   x   x   ·
personnes/1/roles/                    x   x   ·   ·   x   x   ·
personnes/1/roles/1/                  x   x   ·   ·   x   x   ·
personnes/1/roles/1/retrait/          x   x   ·   ·   x   x   ·
personnes/actes/                      x   x   ·   ·   x   x   ·
personnes/actes/1/                    x   x   ·   ·   x   x   ·
personnes/actes/1/annuler/            x   x   ·   ·   x   x   ·
personnes/actes/1/arreter/            x   x   ·   ·   x   x   ·
personnes/actes/1/faire/              x   x   ·   ·   x   x   ·
personnes/actes/choisir/              x   x   ·   ·   x   x   ·
personnes/champs/                     x   x   ·   ·   ·   ·   ·
personnes/champs/1/                   x   x   ·   ·   ·   ·   ·
personnes/champs/1/retrait/           x   x   ·   ·   ·   ·   ·
personnes/champs/nouveau/             x   x   ·   ·   ·   ·   ·
personnes/clavier/                    x   x   x   x   x   x   x
personnes/colonnes/                   x   x   x   x   x   x   x
personnes/resultats/                  x   x   x   x   x   x   x
personnes/vues/1/                     x   x   x   x   x   x   x
personnes/vues/1/retrait/             x   x   x   x   x   x   x
personnes/vues/nouvelle/              x   x   x   x   x   x   x
registres/                            x   x   ·   ·   ·   ·   ·
registres/acces/                      x   x   ·   ·   ·   ·   ·
registres/acces/pdf/                  x   x   ·   ·   ·   ·   ·
registres/analyse/                    x   x   ·   ·   ·   ·   ·
registres/analyse/avis/               x   x   ·   ·   ·   ·   ·
registres/analyse/pdf/                x   x   ·   ·   ·   ·   ·
registres/analyse/versions/1/         x   x   ·   ·   ·   ·   ·
registres/sous-traitants/             x   x   ·   ·   ·   ·   ·
registres/sous-traitants/1/           x   x   ·   ·   ·   ·   ·
registres/sous-traitants/1/fin/       x   x   ·   ·   ·   ·   ·
registres/sous-traitants/nouveau/     x   x   ·   ·   ·   ·   ·
registres/sous-traitants/pdf/         x   x   ·   ·   ·   ·   ·
registres/traitements/                x   x   ·   ·   ·   ·   ·
registres/traitements/pdf/            x   x   ·   ·   ·   ·   ·
registres/versions/                   x   x   ·   ·   ·   ·   ·
registres/versions/1/                 x   x   ·   ·   ·   ·   ·
registres/versions/1/pdf/             x   x   ·   ·   ·   ·   ·
registres/versions/garder/            x   x   ·   ·   ·   ·   ·
registres/violations/                 x   x   ·   ·   ·   ·   ·
registres/violations/1/               x   x   ·   ·   ·   ·   ·
registres/violations/1/brouillon/     x   x   ·   ·   ·   ·   ·
registres/violations/1/modifier/      x   x   ·   ·   ·   ·   ·
registres/violations/1/prevenus/      x   x   ·   ·   ·   ·   ·
registres/violations/nouvelle/        x   x   ·   ·   ·   ·   ·
registres/violations/pdf/             x   x   ·   ·   ·   ·   ·
reponses-sms/                         x   x   ·   ·   x   x   ·
reponses-sms/1/lue/                   x   x   ·   ·   x   x   ·
segments/                             x   x   x   x   x   x   x
segments/1/                           x   x   x   x   x   x   x
segments/1/figer/                     x   ·   x   ·   x   ·   ·
segments/1/modifier/                  x   ·   x   ·   x   ·   ·
segments/1/nombre/                    x   x   x   x   x   x   x
segments/1/supprimer/                 x   ·   x   ·   x   ·   ·
segments/actes/1/portee/              x   x   ·   ·   x   x   ·
segments/carte/                       x   x   x   x   x   x   x
segments/carte/hexagones/1/           x   x   x   x   x   x   x
segments/carte/portee/                x   x   x   x   x   x   x
segments/nouveau/                     x   ·   x   ·   x   ·   ·
segments/personnes/portee/            x   x   x   x   x   x   x
segments/photos/1/portee/             x   x   x   x   x   x   x
segments/photos/1/supprimer/          x   ·   x   ·   x   ·   ·
segments/resultats/                   x   x   x   x   x   x   x
sms/                                  x   x   x   x   x   x   x
sms/1/                                x   ·   x   ·   ·   ·   ·
sms/1/annuler/                        x   ·   x   ·   ·   ·   ·
sms/1/approbation/                    x   ·   x   ·   ·   ·   ·
sms/1/approbation/demander/           x   ·   x   ·   ·   ·   ·
sms/1/approbation/repondre/           x   ·   x   ·   ·   ·   ·
sms/1/arret/                          x   ·   x   ·   ·   ·   ·
sms/1/avancement/                     x   x   x   x   x   x   x
sms/1/depart/                         x   x   x   x   x   x   x
sms/1/envoi/                          x   ·   x   ·   ·   ·   ·
sms/1/essai/                          x   ·   x   ·   ·   ·   ·
sms/1/heure/                          x   ·   x   ·   ·   ·   ·
sms/1/rapport/                        x   x   x   x   x   x   x
sms/1/rapport/x/                      x   x   x   x   x   x   x
sms/1/publicite/                      x   ·   x   ·   ·   ·   ·
sms/1/publicite/retirer/              x   ·   x   ·   ·   ·   ·
sms/1/resultats/                      x   x   x   x   x   x   x
sms/1/supprimer/                      x   ·   x   ·   ·   ·   ·
sms/1/versions/                       x   x   x   x   x   x   x
sms/1/versions/abandonner/            x   ·   x   ·   ·   ·   ·
sms/1/versions/ajouter/               x   ·   x   ·   ·   ·   ·
sms/1/versions/choisir/               x   ·   x   ·   ·   ·   ·
sms/comparaison/                      x   x   x   x   x   x   x
sms/comparaison/x/                    x   x   x   x   x   x   x
sms/compter/                          x   ·   x   ·   ·   ·   ·
sms/nouveau/                          x   ·   x   ·   ·   ·   ·
taches/                               x   x   x   x   x   x   x
taches/1/                             x   x   x   x   x   x   ·
taches/1/faite/                       x   x   x   x   x   x   ·
taches/1/retrait/                     x   x   x   x   x   x   ·
taches/nouvelle/                      x   x   x   x   x   x   ·
taches/personnes/1/                   x   x   x   x   x   x   ·
taches/rappels/                       x   x   x   x   x   x   x
territoire/communes/                  x   x   x   x   x   x   x
"""
#: Of Wagtail's own addresses, what anybody of the team opens: the first page, their account, choosers of what is
#: published, what happened to pages, and helpers that show nothing. None of it knows persons.
OF_EVERYBODY = {
    *("", "account/", "dismissibles/", "tag-autocomplete/", "test404/", "editing-sessions/release/1/"),
    *("api/main/documents/", "api/main/images/", "api/main/pages/"),
    *("choose-anchor-link/", "choose-email-link/", "choose-external-link/", "choose-phone-link/"),
    *("choose-page/", "choose-page/1/", "choose-page/chosen-multiple/", "choose-page/search/"),
    *("documents/chooser/", "documents/chooser/chosen-multiple/", "documents/chooser/results/"),
    *("images/chooser/", "images/chooser/chosen-multiple/", "images/chooser/results/"),
    *("pages/1/move/1/confirm/", "pages/workflow/confirm_cancellation/1/"),
    *("reports/site-history/", "reports/site-history/results/"),
    *("workflows/task_chooser/", "workflows/task_chooser/1/", "workflows/task_chooser/create/"),
    "workflows/task_chooser/results/",
}


def office_addresses() -> Iterator[tuple[str, str, str]]:
    """Yield address, name and room of everything under the back office's roof that is not open to the public."""
    seen = {"/gestion/logout/", "/gestion/failwhale/"}  # ends the session; fails on purpose, for whoever tests alarms
    for path, item in addresses(get_resolver()):
        module = item.callback.__module__
        room = module.split(".")[1] if module.startswith("portevoix.") else "wagtail"
        if path.startswith(OFFICE) and not is_public(item) and "(" not in path and path not in seen:
            seen.add(path)
            yield path, path.removeprefix(OFFICE), room


def member(role: Role) -> Client:
    """Return the browser of somebody whom a director invited, with exactly what that gives."""
    departement = "35" if role in OVER_ONE_DEPARTEMENT else ""
    invitation = Invitation(
        email=f"{role}@campaign.example", first_name="A", last_name="B", role=role, departement_code=departement
    )
    client = Client(raise_request_exception=False)
    client.force_login(mandates.invite(invitation, actor=System("tests")))
    return client


def ask(client: Client, path: str) -> HttpResponse:
    """Ask for a page, or post where only posts are taken; whatever that did is undone."""
    with transaction.atomic():
        answer = client.get(path)
        if answer.status_code == 405:
            answer = client.post(path)
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value]


def is_let_in(answer: HttpResponse) -> bool:
    """Tell whether a view did its work: Wagtail leads whoever has no right to the first page, or answers 403."""
    return answer.status_code != 403 and answer.headers.get("Location") not in {OFFICE, "/gestion/login/"}


def line(name: str, roles: set[Role]) -> str:
    return f"{name:<36}  " + "   ".join("x" if role in roles else "·" for role in COLUMNS)


def expected() -> dict[str, set[Role]]:
    """Read the table."""
    rows = [row for row in TABLE.splitlines()[2:] if row.strip()]
    return {
        row[:36].strip(): {role for role, mark in zip(COLUMNS, row[36:].split(), strict=True) if mark == "x"}
        for row in rows
    }


@pytest.mark.parametrize("role", COLUMNS)
def test_every_screen_of_ours_opens_for_the_roles_of_the_table_and_for_no_other(role: Role) -> None:
    PersonFactory(pk=1, in_rennes=True)
    MailingFactory(pk=1, segment=SegmentFactory(pk=1))
    PathFactory(pk=1)
    client = member(role)
    found = {name: is_let_in(ask(client, path)) for path, name, room in office_addresses() if room != "wagtail"}
    assert len(found) > 40
    table = expected()
    wrong = []
    for name, is_open in sorted(found.items()):
        roles = table.get(name, set())
        if name not in table or (role in roles) != is_open:
            wrong.append(line(name, roles | {role} if is_open else roles - {role}))
    assert wrong == [], f"as {role} finds them:\n" + "\n".join(wrong)
    assert sorted(set(table) - set(found)) == []


@pytest.mark.parametrize("role", [Role.READER, Role.LOCAL_LEAD, Role.TREASURER])
def test_who_has_nothing_to_do_with_the_site_opens_nothing_of_it(role: Role) -> None:
    client, home = member(role), Page.objects.get(depth=2).pk
    tried = [(path, name) for path, name, room in office_addresses() if room == "wagtail"]
    assert len(tried) > 150
    # A status of 200 only: most objects of the sample do not exist, and are 404 to everybody.
    shown = {name: ask(client, path.replace("/pages/1/", f"/pages/{home}/")).status_code for path, name in tried}
    opened = {name for name, status in shown.items() if status == 200}
    assert opened - OF_EVERYBODY == set()


def test_to_a_local_lead_a_person_of_another_departement_does_not_exist_by_any_row_about_them() -> None:
    everything_about(7_000_001, "Voisine", in_rennes=True)
    everything_about(7_000_002, "Introuvable", in_brest=True)
    client, tried, wrong, unproven = member(Role.LOCAL_LEAD), 0, [], []
    for path, name, room in office_addresses():
        if room not in OF_PERSONS or "/1/" not in path:
            continue
        mine = [ask(client, one) for one in ways_of(path, 7_000_001)]
        assert all(said_by(answer) is not None for answer in mine)  # a file is closed
        if not any(is_let_in(answer) for answer in mine):
            continue
        tried += 1
        wrong += [found for one in ways_of(path, 7_000_002) for found in found_by(client, one, name)]
        if name not in OF_THINGS and all(answer.status_code == 404 for answer in mine):
            unproven.append(name)
    assert tried > 20
    assert wrong == [], "\n".join(wrong)
    assert set(unproven) == set(NOT_HERE), "404 to everybody proves nothing: " + " ".join(unproven)
    assert OF_THINGS - {name for _path, name, _room in office_addresses()} == set()


def found_by(client: Client, address: str, name: str) -> list[str]:
    """Return what an address tells of a stranger: that they are there, or their name."""
    with transaction.atomic():
        answers = [client.get(address), client.post(address)]
        transaction.set_rollback(True)
    return [
        f"{address} {answer.status_code}"
        for answer in answers
        if b"Introuvable" in said_by(answer) or (name not in OF_THINGS and answer.status_code not in {404, 405})
    ]


def ways_of(path: str, number: int) -> list[str]:
    """Return an address with a number, and with each of the words that it may be filled with, where it takes one."""
    numbered = path.replace("/1/", f"/{number}/").replace("/1/", f"/{number}/")
    if "/contacts/" not in path:
        return [numbered]
    return [numbered.replace("/x/", f"/{way}/") for way in ("appel", "courrier", "visite")]


def test_whoever_has_no_second_factor_opens_no_screen_at_all() -> None:
    client = member(Role.DIRECTOR)
    SignIn.objects.update(method="password")
    tried, opened = 0, []
    for path, name, _room in office_addresses():
        tried += 1
        if client.get(path).headers.get("Location") != "/gestion/acces/debut/":
            opened.append(name)
    assert tried > 200
    assert set(opened) == {"acces/debut/", "acces/application/", "acces/cle/", "acces/cle/options/"}
