"""The file `.env`: what a person keeps in it stays, and what we write into it is read back unchanged."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.house import House
from video_assets.environment_file import (
    OURS,
    load_environment_file,
    quote,
    variables_of,
    with_variables,
    write_environment_file,
)
from video_assets.studio.core.errors import SettingInvalid

PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=30)
LINES = st.sampled_from(
    [
        "OPENAI_API_KEY=sk-1234",
        "# a note",
        "",
        "export TOKEN = 'a b # c'  # tail",
        'TWO="first\nsecond"',
        "this is no assignment",
        "DAGSTER_HOME=/old",
        "  export LESSONREEL_ROOT='/old root'",
        "LESSONREEL_STATE",
        "MY_DAGSTER_HOME=/mine",
    ]
)


def _read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text)))


@given(PATHS)
def test_dagster_reads_back_the_path_that_was_written(path: str):
    """A teacher whose folder is called "Anna's C# course" would have an archive in another place, or none."""
    assert _read(with_variables("", {"DAGSTER_HOME": path})) == {"DAGSTER_HOME": path}
    assert quote(path).count("\n") == 0


@given(st.lists(LINES), st.sampled_from(["\n", "\r\n"]), st.booleans(), PATHS)
def test_every_line_of_a_person_stays(lines: list[str], newline: str, ends: bool, path: str):
    """A school would put its key into `.env`, and the next `make` would take it out again without a word."""
    text = newline.join(lines) + (newline if ends else "")
    ours: dict[str, str] = dict.fromkeys(OURS, path)
    written = with_variables(text, ours)
    before, after = _read(text), _read(written)
    assert after == {**{name: value for name, value in before.items() if name not in OURS}, **ours}
    kept = [line for line in text.splitlines() if line.strip() and not any(f"{name}" in line for name in OURS)]
    assert [line for line in written.splitlines() if line in kept] == kept, "in their order, each as it was"
    assert with_variables(written, ours) == written, "a second time changes nothing"


def test_the_file_keeps_its_mode_and_a_new_one_is_for_its_owner(tmp_path: Path):
    """Everybody on a shared machine could read a school's key."""
    write_environment_file(tmp_path)
    file = tmp_path / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    file.write_text("KEY=1\n" + file.read_text().replace(str(tmp_path), "/elsewhere"))
    write_environment_file(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert dict(dotenv_values(file)) == {"KEY": "1", **variables_of(tmp_path)}
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_link_stays_a_link(tmp_path: Path):
    """Somebody who keeps keys in an encrypted folder would find them copied out of it, and the link gone."""
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "env").write_text("KEY=1\n")
    (tmp_path / ".env").symlink_to("vault/env")
    write_environment_file(tmp_path)
    assert (tmp_path / ".env").readlink() == Path("vault/env")
    assert dotenv_values(vault / "env")["DAGSTER_HOME"] == str(tmp_path)


def test_the_environment_goes_before_the_file_and_places_are_not_taken_from_it(tmp_path: Path):
    """A command in a copied checkout would work in the one that it was copied from; or take last year's key."""
    (tmp_path / ".env").write_text("DAGSTER_HOME=/other\nLESSONREEL_ROOT=/other\nKEY=file\nMORE='it''s'\nNOTHING\n")
    environ = {"KEY": "mine"}
    load_environment_file(tmp_path, environ)
    assert environ["KEY"] == "mine"
    assert not {*OURS, "NOTHING"} & set(environ)


@pytest.mark.parametrize("content", [b"KEY=\xff\n", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None):
    """A person whose editor saved Latin-1 would be met by a traceback."""
    file = tmp_path / ".env"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(SettingInvalid, match=r"\.env"):
        load_environment_file(tmp_path, {})
    with pytest.raises(SettingInvalid, match=r"\.env"):
        write_environment_file(tmp_path)


def test_the_command_sees_what_is_in_the_file(house: House):
    """A school that wrote its setting or key where Dagster's documentation says would be told that there is none."""
    house.write([house.lamp])
    (house.root / ".env").write_text("LESSONREEL_THEME=no-such-theme\n")
    ended = house.run("check", "data/lessons/tiny.json")
    assert ended.code != 0 and "no-such-theme" in ended.out + ended.err, ended
    mended = house.run("check", "data/lessons/tiny.json", LESSONREEL_THEME="paper")
    assert mended.code == 0, mended
    assert "LESSONREEL_THEME" not in os.environ


@given(st.lists(LINES), st.sampled_from(["KEY='sk-1", 'KEY="sk-1', "export KEY='a\\'"]), st.lists(LINES), PATHS)
def test_a_quotation_mark_that_is_missing_takes_nothing_of_ours(
    before: list[str], unclosed: str, after: list[str], path: str
):
    """Dagster would keep its runs elsewhere, and every `make` would write three lines more, for one forgotten mark."""
    text = "\n".join([*before, unclosed, *after])
    ours: dict[str, str] = dict.fromkeys(OURS, path)
    written = with_variables(text, ours)
    assert {name: _read(written).get(name) for name in OURS} == ours
    assert with_variables(written, ours) == written, "a second time changes nothing"
    assert unclosed in written


def test_a_file_of_windows_keeps_its_first_key(tmp_path: Path):
    """Notepad writes a byte order mark: the key behind it would be "not set", with the key in plain sight."""
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfOPENAI_API_KEY=sk-1\r\n")
    environ: dict[str, str] = {}
    load_environment_file(tmp_path, environ)
    assert environ == {"OPENAI_API_KEY": "sk-1"}
    write_environment_file(tmp_path)
    assert dotenv_values(tmp_path / ".env")["OPENAI_API_KEY"] == "sk-1", "as Dagster reads it"


def test_a_link_to_another_disk_stays_one(tmp_path: Path):
    """Whoever keeps keys on an encrypted disk could not start anything: a file cannot be moved from disk to disk."""
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one disk only")
    with tempfile.TemporaryDirectory(dir=other) as folder:
        kept = Path(folder) / "keys"
        kept.write_text("A=1\n")
        (tmp_path / ".env").symlink_to(kept)
        write_environment_file(tmp_path)
        assert (tmp_path / ".env").is_symlink()
        assert dotenv_values(kept) == {"A": "1", **variables_of(tmp_path)}
        assert [each.name for each in Path(folder).iterdir()] == ["keys"]
