"""Settings from the environment: frozen, picklable, silent about secrets, and clear about what is wrong."""

import inspect
import pickle
import re
from pathlib import Path

import pytest

import infra.settings
from infra.settings import PREFIX, Settings, SettingsError, load_settings


def test_defaults_need_nothing_but_a_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert settings.storage_url == (tmp_path / ".highwater" / "store").as_uri()
    assert settings.scratch == tmp_path / ".highwater" / "scratch"
    assert settings.dask_address is None
    assert settings.prefect_api_url is None
    assert settings.workers >= 1


def test_the_environment_decides_and_an_override_is_stronger(monkeypatch):
    monkeypatch.setenv("HIGHWATER_WORKERS", "3")
    monkeypatch.setenv("HIGHWATER_SEED", "11")
    assert load_settings().workers == 3
    assert load_settings(workers=5).workers == 5
    assert load_settings(workers=5).seed == 11


def test_every_setting_is_in_the_table_of_the_docstring_with_its_mark():
    table = inspect.getdoc(infra.settings)
    of_the_run = Settings().of_the_run()
    for name in Settings.model_fields:
        row = next(line for line in table.splitlines() if line.startswith(f"``{PREFIX}{name.upper()}``"))
        assert ("`` *" in row) == (name in of_the_run)


def test_settings_are_frozen_and_survive_a_pickle():
    settings = load_settings(seed=5)
    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(ValueError, match="frozen"):
        settings.seed = 6


def test_no_secret_of_the_environment_is_in_the_settings(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("PREFECT_API_KEY", "hunter2")
    settings = Settings()
    assert "hunter2" not in repr(settings) + str(settings.of_the_run()) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("storage_url", "s3://key:hunter2@bucket/prefix"),
        ("storage_url", "s3://bucket/prefix?X-Amz-Signature=hunter2"),
        ("prefect_api_url", "http://me:hunter2@host:4200/api"),
        ("dask_address", "tcp://me:hunter2@host:8786"),
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_shown(field, value):
    with pytest.raises(SettingsError, match="credentials") as caught:
        load_settings(**{field: value})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ValueError) as plain:
        Settings(**{field: value})
    assert "hunter2" not in str(plain.value)


def test_an_error_names_variable_value_and_next_step(monkeypatch):
    monkeypatch.setenv("HIGHWATER_QUARANTINE_LIMIT", "1.5")
    monkeypatch.setenv("HIGHWATER_WORKERS", "two")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    assert "HIGHWATER_QUARANTINE_LIMIT is '1.5': input should be less than or equal to 1" in text
    assert "HIGHWATER_WORKERS is 'two'" in text
    assert "Set another value" in text


def test_a_misspelt_variable_is_an_error_with_the_likely_name(monkeypatch):
    monkeypatch.setenv("HIGHWATER_QUARANTINE_LIMT", "0.1")
    with pytest.raises(SettingsError, match="did you mean HIGHWATER_QUARANTINE_LIMIT"):
        load_settings()


@pytest.mark.parametrize("url", ["http://host/store", "file://host/store", "s3:///prefix", "ftp://x"])
def test_other_stores_are_refused(url):
    with pytest.raises(SettingsError, match=r"s3://bucket/prefix"):
        load_settings(storage_url=url)


@pytest.mark.parametrize("size", ["2", "0GiB", "-1GiB", "2 gigabytes"])
def test_a_memory_limit_is_a_size(size):
    with pytest.raises(SettingsError, match="512MiB"):
        load_settings(memory_limit=size)


def test_a_plain_path_is_a_store(tmp_path):
    assert load_settings(storage_url=str(tmp_path / "a store")).storage_url == (tmp_path / "a store").as_uri()


def test_what_changes_no_result_is_not_of_the_run():
    here = load_settings(workers=1, scratch=Path("/a"), storage_url="file:///a", tile_lanes=64, quiet=True)
    there = load_settings(workers=9, scratch=Path("/b"), storage_url="s3://b", tile_lanes=512)
    assert here.of_the_run() == there.of_the_run()
    assert load_settings(seed=1).of_the_run() != load_settings(seed=2).of_the_run()


@pytest.mark.parametrize("path", ["README.md", "infra/settings.py"])
def test_the_tables_of_settings_say_what_the_code_does(path):
    text = (Path(__file__).parents[2] / path).read_text()
    rows = dict(re.findall(r"^\W*HIGHWATER_(\w+)`+(?: \*)?[ |]+`*([^`|]*?)`*(?:  | \|)", text, re.MULTILINE))
    assert {name.lower() for name in rows} == Settings.model_fields.keys()
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | float | str):
            said = f"{field.default:g}" if isinstance(field.default, float) else str(field.default).lower()
            assert rows[name.upper()].lower() == said.lower(), name
