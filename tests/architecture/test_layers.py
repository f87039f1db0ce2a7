"""What import contracts cannot see: keys, templates and addresses that point upward, files that grow too long."""

from __future__ import annotations

import re

from django.apps import apps

from tests.architecture.house import PACKAGE, floors, rooms, sources


def test_every_room_has_its_floor() -> None:
    assert len(rooms()) >= 15
    assert {room.name for room in rooms()} <= set(floors())


def test_no_foreign_key_points_upward() -> None:
    floor, seen, wrong = floors(), 0, []
    for model in apps.get_models():
        if not model.__module__.startswith("portevoix."):
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if getattr(field, "auto_created", False) or not target or not target.__module__.startswith("portevoix."):
                continue
            seen += 1
            if floor[target._meta.app_label] > floor[model._meta.app_label]:
                wrong.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert seen > 10
    assert wrong == []


def test_no_template_extends_or_includes_one_of_a_room_above() -> None:
    floor, seen, wrong = floors(), 0, []
    for path in sources("*.html") + sources("*.mjml"):
        room = path.relative_to(PACKAGE).parts[0]
        for name in re.findall(r"{%-?\s*(?:extends|include)\s+[\"']([\w-]+)/", path.read_text("utf-8")):
            if name in floor:
                seen += 1
                if floor[name] > floor[room]:
                    wrong.append(f"{path.relative_to(PACKAGE)} -> {name}")
    assert seen > 10
    assert wrong == []


def test_no_address_is_reversed_upward() -> None:
    floor, seen, wrong = floors(), 0, []
    pattern = re.compile(r"(?:reverse(?:_lazy)?\(|redirect\(|{% url )\s*[\"']([\w-]+):")
    for path in sources("*.py") + sources("*.html"):
        room = path.relative_to(PACKAGE).parts[0]
        for name in pattern.findall(path.read_text("utf-8")):
            if name in floor and room in floor:
                seen += 1
                if floor[name] > floor[room]:
                    wrong.append(f"{path.relative_to(PACKAGE)} -> {name}")
    assert seen > 3
    assert wrong == []


def test_no_file_is_longer_than_500_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert len(lengths) > 100
    assert {str(path): length for path, length in lengths.items() if length > 500} == {}


def test_no_view_reads_persons_without_asking_who_looks() -> None:
    entries = [path for path in sources() if re.search(r"views|viewsets|wagtail_hooks|admin", str(path))]
    assert len(entries) > 5
    wrong = [
        str(path.relative_to(PACKAGE))
        for path in entries
        if re.search(r"Person\.(_default_manager|objects)(?!\s*\.visible_to\()", path.read_text("utf-8"))
    ]
    assert wrong == []
