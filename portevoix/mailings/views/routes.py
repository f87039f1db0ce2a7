"""The addresses of the composer, below those of messages."""

from __future__ import annotations

from django.urls import URLPattern, path

from portevoix.mailings.views import approvals, plain_texts, templates, trials

ROUTES: list[URLPattern] = [
    path("templates/", templates.choose, name="templates"),
    path("templates/<slug:name>/look/", templates.look, name="template_look"),
    path("templates/<int:pk>/delete/", templates.delete, name="delete_template"),
    path("<int:pk>/template/", templates.save, name="save_template"),
    path("<int:pk>/text/", plain_texts.text, name="text"),
    path("<int:pk>/tests/", trials.tests, name="tests"),
    path("<int:pk>/checks/", trials.checks, name="checks"),
    path("<int:pk>/checks/links/", trials.ask_links, name="ask_links"),
    path("<int:pk>/approval/", approvals.approval, name="approval"),
    path("<int:pk>/approval/ask/", approvals.ask, name="ask_approval"),
    path("<int:pk>/approval/answer/", approvals.answer, name="answer_approval"),
    path("approval/", approvals.rule, name="approval_rule"),
]
