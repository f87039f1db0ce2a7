from django.urls import path

from portevoix.registers.views import assessment, breaches, documents, processors

app_name = "registers"
urlpatterns = [
    path("", documents.index, name="index"),
    path("traitements/", documents.show_record, name="record"),
    path("traitements/pdf/", documents.record_pdf, name="record_pdf"),
    path("versions/", documents.show_editions, name="editions"),
    path("versions/garder/", documents.keep, name="keep"),
    path("versions/<int:pk>/", documents.show_edition, name="edition"),
    path("versions/<int:pk>/pdf/", documents.edition_pdf, name="edition_pdf"),
    path("acces/", documents.show_reach, name="reach"),
    path("acces/pdf/", documents.reach_pdf, name="reach_pdf"),
    path("sous-traitants/", processors.processors, name="processors"),
    path("sous-traitants/pdf/", processors.processors_pdf, name="processors_pdf"),
    path("sous-traitants/nouveau/", processors.processor, name="processor_add"),
    path("sous-traitants/<int:pk>/", processors.processor, name="processor"),
    path("sous-traitants/<int:pk>/fin/", processors.end, name="processor_end"),
    path("violations/", breaches.breaches, name="breaches"),
    path("violations/pdf/", breaches.breaches_pdf, name="breaches_pdf"),
    path("violations/nouvelle/", breaches.record, name="breach_add"),
    path("violations/<int:pk>/", breaches.show, name="breach"),
    path("violations/<int:pk>/modifier/", breaches.amend, name="breach_edit"),
    path("violations/<int:pk>/prevenus/", breaches.notify, name="notify"),
    path("violations/<int:pk>/brouillon/", breaches.draft, name="draft"),
    path("analyse/", assessment.show, name="assessment"),
    path("analyse/pdf/", assessment.pdf, name="assessment_pdf"),
    path("analyse/avis/", assessment.edit, name="assessment_edit"),
    path("analyse/versions/<int:pk>/", assessment.version_pdf, name="assessment_version"),
]
