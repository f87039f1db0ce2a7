"""A person's page with five thousand things that happened to them, against the same page with ten."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Role
from portevoix.people.models import Person

ADD_STORY = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, source, detail)
SELECT %s, (ARRAY['mailed', 'edited', 'tagged', 'noted'])[1 + n %% 4], now() - n * interval '1 hour', '', 'bench', '{}'
FROM generate_series(1, %s) AS n
"""


@register
class PersonPage(Benchmark):
    """Server time of the whole page, from the request to the bytes."""

    name = "people.page"
    n = 5_000
    unit = "ms"
    goal = 1.30
    side = "at most"
    rounds = 15
    #: What the other page has.
    few = 10

    def set_up(self) -> None:
        self.long, self.short = (Person.objects.create(last_name=name, source="bench") for name in ("Long", "Court"))
        with connection.cursor() as cursor:
            cursor.execute(ADD_STORY, [self.long.pk, self.n])
            cursor.execute(ADD_STORY, [self.short.pk, self.few])
            cursor.execute("ANALYZE people_interaction")
        user = User.objects.create(username="bench", email="bench@campagne.example")
        Mandate.objects.create(user=user, role=Role.DIRECTOR)
        user.user_permissions.add(Permission.objects.get(codename="access_admin"))
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(user)
        for person in (self.long, self.short):
            self._page(person)  # templates and content types are read once

    def _page(self, person: Person) -> float:
        with timed() as seconds:
            response = self.client.get(f"/gestion/personnes/{person.pk}/")
        assert response.status_code == 200, response.status_code
        return seconds() * 1000

    def ours(self) -> float:
        return self._page(self.long)

    def reference(self) -> float:
        return self._page(self.short)
