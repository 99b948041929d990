import re
from errno import EACCES
from pathlib import Path

import pytest

from bot import settings
from bot.errors import SettingError
from bot.settings import Settings
from tests.conftest import ROOT


def test_defaults():
    settings = Settings.parse({})
    assert settings == Settings()
    assert settings.directory_key == "people:{guild}"


def test_every_setting_is_read():
    settings = Settings.parse(
        {
            "DISCORD_TOKEN": " t ",
            "REDIS_URL": "redis://x",
            "DATA_DIR": "/d",
            "DIRECTORY_KEY": "p:{guild}:x",
            "STARTER_SET": "",
            "EMBEDDING_MODEL": "m",
            "HISTORY_CHANGES": "7",
            "HISTORY_DAYS": "8",
            "GRACE_DAYS": "9",
            "SYNC_GUILD": "42",
            "SHARD_COUNT": "8",
            "SHARD_IDS": "0, 2,4-6 ,5",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "JSON",
            "METRICS_PORT": "9464",
            "METRICS_HOST": "0.0.0.0",
        }
    )
    shards = (0, 2, 4, 5, 6)
    assert settings == Settings(
        discord_token="t",
        redis_url="redis://x",
        data_dir=Path("/d"),
        directory_key="p:{guild}:x",
        starter_set="",
        embedding_model="m",
        history_changes=7,
        history_days=8,
        grace_days=9,
        sync_guild=42,
        shard_count=8,
        shard_ids=shards,
        log_level="DEBUG",
        log_format="json",
        metrics_port=9464,
        metrics_host="0.0.0.0",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_GUILD", "my server"),
        ("SYNC_GUILD", "9" * 5000),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_PORT", "65536"),
        ("METRICS_PORT", "http"),
        ("HISTORY_CHANGES", "0"),
        ("HISTORY_CHANGES", "9" * 5000),
        ("HISTORY_DAYS", "a year"),
        ("GRACE_DAYS", "0"),
        ("SHARD_COUNT", "0"),
        ("SHARD_COUNT", "16385"),
        ("DIRECTORY_KEY", "{guild}{guild}"),
        ("DIRECTORY_KEY", "people:{guild"),
        ("DIRECTORY_KEY", "a{}b{c}"),
        ("DIRECTORY_KEY", "x}y"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str):
    with pytest.raises(SettingError, match=name):
        Settings.parse({name: value})


@pytest.mark.parametrize("ids", ["4", "0-4", "2-1", "a", "-1", "0,", "1-", "0;1", "9" * 99])
def test_bad_shards_are_named(ids: str):
    with pytest.raises(SettingError, match=r"SHARD_IDS must be a list .* from 0 to 3"):
        Settings.parse({"SHARD_COUNT": "4", "SHARD_IDS": ids})
    with pytest.raises(SettingError, match="needs SHARD_COUNT"):
        Settings.parse({"SHARD_IDS": "0"})


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    env_file = tmp_path / ".env"
    env_file.write_text("SYNC_GUILD=1\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv("SYNC_GUILD", "2")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    settings = Settings.load(env_file)
    assert (settings.sync_guild, settings.log_level) == (2, "ERROR")


def test_the_example_names_every_setting_with_its_default():
    example = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(named) == {name.upper() for name in Settings.__dataclass_fields__}
    assert Settings.parse(named) == Settings()


def test_an_env_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(path: Path) -> None:
        raise PermissionError(EACCES, "Permission denied")

    monkeypatch.setattr(settings, "dotenv_values", refuse)
    with pytest.raises(SettingError, match=r"\.env \(Permission denied\)\. Allow"):
        Settings.load(tmp_path / ".env")
