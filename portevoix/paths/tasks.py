"""Background work of paths: the puttings of many, and the day's reminders."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.kernel import clock, jobs
from portevoix.paths import rules
from portevoix.paths.models import Enrolment
from portevoix.paths.services import enrolling, reminding

#: First half of the database's advisory locks that keep a putting to one process.
LOCK = 7_305_041


# At five and six of UTC it is seven in Paris, in summer and in winter; whoever was reminded is not reminded twice.
@jobs.periodic("0 5,6 * * *", name="paths.remind_staff")
def remind_staff() -> None:
    """Remind the team, at seven in Paris whatever the clock did last night, or as soon as the worker can."""
    if rules.is_time_to_remind(clock.now(), clock.PARIS):
        reminding.remind_staff(actor=System("paths.remind_staff"))


@jobs.task(name="paths.advance_enrolment")
def advance_enrolment(enrolment_id: int) -> None:
    """Put people on a path, or take them out, portion by portion; goes on where it was cut short."""
    with jobs.alone(LOCK, enrolment_id) as is_alone:
        at_work = Enrolment.objects.filter(pk=enrolment_id, ended_at=None).exists()
        while is_alone and at_work:
            at_work = enrolling.advance(enrolment_id, actor=System("paths.advance_enrolment")).is_at_work
