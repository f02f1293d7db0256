"""A backup is restored into an empty database: the chain, the totals and what is deployed are as they were."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app

from app.backup import restoring
from app.backup.contents import WHISPER
from app.backup.errors import BackupError
from app.settings import load_settings
from ops.local.postgres import program
from ops.local.stack import Stack
from tests.support import commands, log
from tests.support.api import Api
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import state_at

DATABASE = "eucora_restored"


class Elsewhere:
    """An empty database beside the test's own, and the commands of `flask` on either."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        url = os.environ["EUCORA_MIGRATION_DATABASE_URL"]
        self.heads = folder / "heads.jsonl"
        self.here = {**os.environ, "EUCORA_EVENT_HEADS_FILE": str(self.heads)}
        there = url.replace("/eucora?", f"/{DATABASE}?")
        assert DATABASE in there
        self.there = {**self.here, "EUCORA_DATABASE_URL": there, "EUCORA_MIGRATION_DATABASE_URL": there}

    def psql(self, statement: str, database: str = DATABASE) -> str:
        command = [program("psql", self.stack.layout.home), "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement]
        socket = str(self.stack.layout.postgres_socket)
        done = subprocess.run(
            [*command, "-h", socket, "-U", "postgres", "-d", database], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def backup(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`flask backup` of the test's own database, in this process."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.here, **environment}.items():
                patch.setenv(name, value)
            load_settings.cache_clear()
            done = current_app.test_cli_runner().invoke(args=["backup", *arguments])
        load_settings.cache_clear()
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    def flask(self, *arguments: str, there: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
        return commands.flask({**(self.there if there else self.here), **environment}, *arguments)


@pytest.fixture
def elsewhere(stack: Stack, tmp_path: Path) -> Iterator[Elsewhere]:
    found = Elsewhere(stack, tmp_path)
    found.psql(f"CREATE DATABASE {DATABASE} OWNER eucora_owner TEMPLATE template0", "postgres")
    yield found
    found.psql(f"DROP DATABASE {DATABASE} WITH (FORCE)", "postgres")


@pytest.fixture
def rollout(database: Flask, api: Api, drive: Drive) -> int:
    """A rollout that has ended."""
    api.register(60)
    deployment = api.deploy()
    drive(600, until=lambda: state_at(f"/deployments/{deployment['id']}") == "completed")
    return int(deployment["id"])


@pytest.fixture
def written(database: Flask) -> None:
    """A log with a few events."""
    log.write(20)


def newest() -> int:
    return int(rows("SELECT max(id) AS id FROM events")[0].id)


def test_a_backup_is_restored_verified_and_goes_on(rollout: int, elsewhere: Elsewhere, tmp_path: Path) -> None:
    from app.metrics.following import totals

    totals.count()
    folder = tmp_path / "backup"
    saved = elsewhere.backup(str(folder))
    assert saved.returncode == 0, saved.stderr
    assert folder.stat().st_mode & 0o777 == 0o700
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["head_id"] == newest()
    assert os.environ["EUCORA_EVENT_KEY"] not in "".join(
        file.read_text(errors="replace") for file in folder.iterdir() if file.suffix != ".gz"
    )
    restored = elsewhere.flask("restore", str(folder), there=True)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert " 0 findings, 0 totals differ" in restored.stdout
    for table in ("assignments", "reports", "commands", "rings", "installations"):
        of = f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS content FROM {table} AS t"
        assert elsewhere.psql(of) == (rows(of)[0].content or "")
    again = elsewhere.flask("restore", str(folder), there=True)
    assert again.returncode == 1
    assert "not empty" in again.stderr
    forced = elsewhere.flask("restore", str(folder), "--force", there=True)
    assert forced.returncode == 0, forced.stdout + forced.stderr


def test_ids_of_lost_events_are_never_used_again(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert elsewhere.backup(str(folder)).returncode == 0
    last = newest()
    log.write(50)
    from app.audit import heads

    head = heads.present()
    assert head is not None
    elsewhere.heads.write_text(head.as_line())  # written after the backup: the restored log is older than this head
    restored = elsewhere.flask("restore", str(folder), there=True)
    cut_off = f"cut off: events {last + 1} to {head.id}"
    assert restored.returncode == 1
    assert cut_off in restored.stdout  # said once, at the restore
    verified = elsewhere.flask("events", "verify", there=True)
    assert verified.returncode == 0, verified.stdout
    assert f"restored to event {last:,} and goes on with event {head.id + 1_000_000:,}" in verified.stdout
    assert int(elsewhere.psql("SELECT max(id) FROM events")) == head.id + 1_000_000


def test_with_another_key_nothing_is_restored(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert elsewhere.backup(str(folder), "--with-key").returncode == 0
    assert (folder / "event-key").read_text() == os.environ["EUCORA_EVENT_KEY"]
    restored = elsewhere.flask("restore", str(folder), there=True, EUCORA_EVENT_KEY="x" * 40)
    assert restored.returncode == 1
    assert "not the key of this backup" in restored.stderr
    assert f"Set the key that the log was written with, which is in {folder / 'event-key'}." in restored.stderr
    assert elsewhere.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"


def test_a_damaged_dump_replaces_nothing(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert elsewhere.backup(str(folder)).returncode == 0
    with (folder / "database.dump").open("ab") as dump:
        dump.write(b"?")
    restored = elsewhere.flask("restore", str(folder), "--force", there=True)
    assert restored.returncode == 1
    assert "SHA-256" in restored.stderr


def test_a_database_in_use_is_not_replaced(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert elsewhere.backup(str(folder)).returncode == 0
    restored = elsewhere.flask("restore", str(folder), "--force")  # this test's own database
    assert restored.returncode == 1
    assert "Stop the API" in restored.stderr
    assert newest() > 0


def test_whisper_files_are_saved_and_unpacked(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    whisper, target = tmp_path / "whisper", tmp_path / "elsewhere" / "whisper"
    (whisper / "stats").mkdir(parents=True)
    (whisper / "stats" / "count.wsp").write_bytes(b"points")
    folder = tmp_path / "backup"
    assert elsewhere.backup(str(folder), EUCORA_WHISPER_DIR=str(whisper)).returncode == 0
    restored = elsewhere.flask("restore", str(folder), "--whisper", there=True, EUCORA_WHISPER_DIR=str(target))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert (target / "stats" / "count.wsp").read_bytes() == b"points"


@pytest.mark.parametrize("name", ["whisper/../../outside.wsp", "whisper/link.wsp"])
def test_whisper_files_are_unpacked_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    target = load_settings().model_copy(update={"whisper_dir": str(tmp_path / "elsewhere" / "whisper")})
    monkeypatch.setattr(restoring, "load_settings", lambda: target)
    member = tarfile.TarInfo(name)
    if "link" in name:
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / WHISPER, "w:gz") as tar:
        tar.addfile(member)
    with pytest.raises(BackupError, match=f"it contains '{re.escape(name)}'"):
        restoring.restore_whisper(tmp_path, force=False)
    assert not list(tmp_path.rglob("*.wsp"))


def test_archives_are_said_to_be_separate(written: None, elsewhere: Elsewhere, tmp_path: Path) -> None:
    archives = str(tmp_path / "archives")
    saved = elsewhere.backup(str(tmp_path / "backup"), EUCORA_EVENT_ARCHIVE_DIR=archives)
    assert saved.returncode == 0, saved.stderr
    assert f"Archived events are not in it: back up {archives}" in saved.stdout


@pytest.mark.parametrize("version", [None, "9.6.24"])
def test_without_a_program_of_the_servers_version_it_says_which_to_install(
    written: None, elsewhere: Elsewhere, tmp_path: Path, version: str | None
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    if version:
        old = programs / "pg_dump"
        old.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        old.chmod(0o755)
    saved = elsewhere.backup(str(tmp_path / "backup"), EUCORA_POSTGRES_PROGRAMS=str(programs))
    assert saved.returncode == 1
    server = int(rows("SHOW server_version_num")[0].server_version_num) // 10_000
    assert f"`postgresql-client-{server}` on Debian" in saved.stderr
    assert "EUCORA_POSTGRES_PROGRAMS" in saved.stderr
    assert (version or "There is no pg_dump in") in saved.stderr
    assert not (tmp_path / "backup" / "manifest.json").exists()
