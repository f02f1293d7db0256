"""Which connectors exist: read from a file, with every mistake named, and made once for each process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from pydantic import BaseModel, ConfigDict

from app.connectors import registry
from app.connectors.configuration import BadConfiguration, Configured, Kind, read
from app.connectors.protocol import Pace
from app.connectors.secrets import Secret
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.settings import load_settings
from tests.support.connectors import publication
from tests.support.threads import together

Configure = Callable[[str], None]


class TenantSettings(BaseModel):
    """Settings like those of a real vendor."""

    model_config = ConfigDict(extra="forbid")

    tenant: str
    secret: Secret
    page_size: int = 50


KINDS = {"tenant": Kind(TenantSettings, lambda name, settings: SimulatedConnector(settings.profile, name=name))}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "connectors.toml"


def problems_of(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(BadConfiguration) as refused:
        read(file, KINDS)
    return [line.strip().removeprefix(f"{file}: ") for line in str(refused.value).splitlines()[1:]]


def test_several_tenants_of_one_kind(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_OF_US", "s3cret-us")
    (tmp_path / "eu").write_text("s3cret-eu\n")
    file.write_text(f"""
        [connectors.us]
        kind = "tenant"
        tenant = "contoso-us"
        secret = "env:SECRET_OF_US"

        [connectors.eu]
        kind = "tenant"
        tenant = "contoso-eu"
        secret = "file:{tmp_path}/eu"
        page_size = 10
    """)
    connectors = read(file, KINDS)
    settings = {name: configured.settings for name, configured in connectors.items()}
    assert list(settings) == ["us", "eu"]
    us, eu = settings["us"], settings["eu"]
    assert isinstance(us, TenantSettings)
    assert isinstance(eu, TenantSettings)
    assert (us.secret.get_secret_value(), us.page_size) == ("s3cret-us", 50)
    assert (eu.secret.get_secret_value(), eu.page_size) == ("s3cret-eu", 10)
    assert "s3cret" not in repr(connectors)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no table [connectors.NAME]"),
        ("connectors = 3", "has no table [connectors.NAME]"),
        ("[connectors.a]\nkind = ", "is not TOML: "),
        ('[connectors.a]\nkind = "other"', "connectors.a.kind: must be one of tenant"),
        ('[connectors.a]\ntenant = "x"', "connectors.a.kind: must be one of tenant"),
        ("[connectors]\na = 3", "connectors.a: must be a table"),
        ('[connectors."A b"]\nkind = "tenant"', "connectors.A b: the name must be 1 to 40 lower-case letters"),
        ('[connectors.a]\nkind = "tenant"\nsecret = "env:HOME"', "connectors.a.tenant: Field required"),
        (
            '[connectors.a]\nkind = "tenant"\ntenant = "x"\nsecret = "env:HOME"\ncolour = "red"',
            "connectors.a.colour: Extra inputs are not permitted",
        ),
        (
            '[connectors.a]\nkind = "tenant"\ntenant = "x"\nsecret = "env:NOT_SET_ANYWHERE"',
            "connectors.a.secret: the environment variable NOT_SET_ANYWHERE is not set or is empty",
        ),
        (
            '[connectors.a]\nkind = "tenant"\ntenant = "x"\nsecret = "file:/no/such/file"',
            "connectors.a.secret: the file /no/such/file cannot be read: FileNotFoundError",
        ),
        (
            '[connectors.a]\nkind = "tenant"\ntenant = "x"\nsecret = "hunter2"',
            "connectors.a.secret: must refer to a secret instead of containing it: env:NAME or file:/absolute/path",
        ),
        ('[connectors.a]\nkind = "tenant"\ntenant = "x"\nsecret = 7', "connectors.a.secret: must refer to a secret"),
        (
            '[vendors]\n[connectors.a]\nkind = "tenant"',
            "vendors: unknown key; only tables [connectors.NAME] are allowed",
        ),
    ],
)
def test_a_mistake_is_named_with_file_connector_and_field(file: Path, text: str, problem: str) -> None:
    problems = problems_of(file, text)
    assert any(line.startswith(problem) for line in problems), problems
    assert "hunter2" not in "".join(problems)


def test_every_mistake_is_named_at_once(file: Path) -> None:
    problems = problems_of(file, '[connectors.a]\nkind = "x"\n[connectors.b]\nkind = "tenant"\npage_size = "many"')
    assert len(problems) == 4


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"gone\.toml: cannot be read: No such file"):
        read(tmp_path / "gone.toml", KINDS)


@pytest.fixture
def configure(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Have the program read these connectors."""

    def change(text: str) -> None:
        file.write_text(text)
        monkeypatch.setenv("EUCORA_CONNECTORS_FILE", str(file))
        load_settings.cache_clear()

    yield change
    monkeypatch.undo()
    load_settings.cache_clear()


def test_without_a_file_there_is_one_simulated_connector(app: Flask) -> None:
    assert registry.names() == ("simulated",)
    assert isinstance(registry.connector("simulated"), SimulatedConnector)


def test_the_file_decides(configure: Configure) -> None:
    configure("""
        [connectors.lab-devices]
        kind = "simulated"
        results_every_seconds = 7.5
        [connectors.branch-devices]
        kind = "simulated"
        seed = "branches"
    """)
    assert registry.names() == ("lab-devices", "branch-devices")
    assert registry.pace("lab-devices") == Pace(results_every=7.5)
    assert registry.pace("branch-devices") == registry.pace("removed-from-the-file") == Pace()
    with pytest.raises(registry.UnknownConnector):
        registry.connector("simulated")


def test_a_mistake_stops_the_start(configure: Configure) -> None:
    from app.factory import create_app

    configure('[connectors.a]\nkind = "simulated"\nseeds = "x"')
    with pytest.raises(SystemExit, match=r"connectors\.toml: connectors\.a\.seeds: Extra inputs are not permitted"):
        create_app()


def test_a_wrong_profile_stops_the_start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", '{"silent": 2}')
    load_settings.cache_clear()
    try:
        with pytest.raises(SystemExit, match=r"EUCORA_SIMULATED_PROFILE\.silent: Input should be less than"):
            registry.load()
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()


def test_a_process_makes_each_connector_once_and_again_after_a_fork(app: Flask) -> None:
    ours = registry.connector("simulated")
    assert registry.connector("simulated") is ours
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, b"same" if registry.connector("simulated") is ours else b"another")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read_end, 10) == b"another"
    for end in (read_end, write_end):
        os.close(end)


def test_many_threads_make_one_connector(app: Flask) -> None:
    profile, made, another_thread_is_in = SimulatedProfile(), list[SimulatedConnector](), Barrier(2)

    def make(name: str, settings: SimulatedProfile) -> SimulatedConnector:
        made.append(SimulatedConnector(settings, name=name))
        with suppress(BrokenBarrierError):
            another_thread_is_in.wait(0.3)
        return made[-1]

    connectors = registry.Connectors({"slow": Configured("slow", Kind(SimulatedProfile, make), profile)})
    together(*[lambda: connectors["slow"]] * 2)
    assert [connectors["slow"]] == made


def test_connectors_may_be_replaced_for_a_while(app: Flask) -> None:
    double = SimulatedConnector(SimulatedProfile(results_every_seconds=3), name="double")
    with registry.replaced({"double": double}):
        assert registry.names() == ("double",)
        assert registry.connector("double") is double
        assert registry.pace("double") == Pace(results_every=3)
        with registry.replaced({}), pytest.raises(registry.UnknownConnector):
            registry.connector("double")
        with pytest.raises(registry.UnknownConnector):
            registry.connector("simulated")
    assert registry.names() == ("simulated",)


def test_connectors_of_one_kind_are_separate(database: Flask, configure: Configure) -> None:
    """Two simulated vendors: what is published to one is not in the inventory of the other."""
    configure('[connectors.one]\nkind = "simulated"\n[connectors.two]\nkind = "simulated"')
    one, two = registry.connector("one"), registry.connector("two")
    instruction = publication()
    one.publish(instruction)
    assert one.find(instruction.key) is not None
    assert two.inventory("vpn", "windows", "", 100).items == []
