from __future__ import annotations

from pathlib import Path

import pytest

from portevoix.conf import cli, instance, place
from portevoix.conf.instance import Instance, InvalidConfiguration, Section
from tests.architecture.house import ROOT

KEY = "k" * 60


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(instance.os.environ):
        if name.startswith("PORTEVOIX_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PORTEVOIX_DATA_DIR", str(tmp_path))


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / place.CONFIG_NAME).write_text(text, "utf-8")


def test_a_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, f'[site]\nname = "Été 2027"\n[secrets]\nkey = "{KEY}"\n[database]\nurl = "postgresql:///c"\n')
    assert instance.load().site.name == "Été 2027"
    assert instance.load().missing() == []


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[mail]\nhost = "file.example"\nport = 25\n')
    monkeypatch.setenv("PORTEVOIX_MAIL_HOST", "env.example")
    monkeypatch.setenv("PORTEVOIX_MAIL_PORT", "2525")
    monkeypatch.setenv("PORTEVOIX_SITE_ALLOWED_HOSTS", "a.example,b.example")
    monkeypatch.setenv("PORTEVOIX_SECRETS_FORMER", f"{KEY},{KEY[::-1]}")
    monkeypatch.setenv("DATABASE_URL", "postgres:///d")
    loaded = instance.load()
    assert (loaded.mail.host, loaded.mail.port, loaded.database.url) == ("env.example", 2525, "postgres:///d")
    assert loaded.site.allowed_hosts == ["a.example", "b.example"]
    assert loaded.secrets.former == [KEY, KEY]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nport = "many"', ["mail.port", "'many'", "integer"]),
        ("[mail]\nport = 99999", ["mail.port", "99999", "65535"]),
        ('[mail]\nsecurity = "ssl"', ["mail.security", "'ssl'", "'starttls'"]),
        ('[database]\nurl = "sqlite:///x"', ["database.url", "postgresql://"]),
        ('[site]\nbase_url = "campaign.example"', ["site.base_url", "campaign.example", "http://"]),
        ('[sight]\nname = "x"', ["sight", "unknown key"]),
        ('[site]\nnom = "x"', ["site.nom", "unknown key"]),
        ("[site", ["cannot be read"]),
    ],
)
def test_a_fault_is_told_with_its_key_its_value_and_what_is_accepted(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    write(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as fault:
        instance.load()
    for words in said:
        assert words in str(fault.value)


@pytest.mark.parametrize("text", ['[secrets]\nkey = "hunter2"', '[secrets]\nformer = ["hunter2"]'])
def test_a_secret_is_never_shown_in_an_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as fault:
        instance.load()
    assert "hunter2" not in str(fault.value)
    assert "50 random characters" in str(fault.value)


def test_the_console_refuses_to_serve_an_instance_that_is_not_complete(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["serve"])
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert "database.url, secrets.key" in error
    assert len(error.strip().splitlines()) == 1


def test_a_verb_and_its_object_name_a_command() -> None:
    assert cli._joined(["import", "people", "f.csv"]) == ["import_people", "f.csv"]
    assert cli._joined(["generate", "people", "--rows", "3"]) == ["generate_people", "--rows", "3"]
    assert cli._joined(["serve"]) == ["serve"]


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs/reference/configuration.md").read_text("utf-8")
    seen = 0
    for name, field in Instance.model_fields.items():
        section = field.annotation
        keys = section.model_fields if isinstance(section, type) and issubclass(section, Section) else {"": field}
        for key, described in keys.items():
            seen += 1
            row = f"`{name}.{key}`" if key else f"`{name}`"
            assert row in text, row
            assert str(described.description) in text, row
    assert seen > 20
