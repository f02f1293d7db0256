"""Write the secrets that docker-compose.yml reads: `python3 -m ops.compose.env [FILE]`. Standard library only.

No name here is one of app/settings.py's: the `flask` command reads a .env too, and must not take these for its own.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[2] / ".env"
# Hexadecimal, for some of them become part of a URL.
PASSWORDS = (
    "POSTGRES_PASSWORD",
    "EUCORA_OWNER_PASSWORD",
    "EUCORA_APP_PASSWORD",
    "REDIS_PASSWORD",
    "EVENT_KEY",
    "GRAPHITE_SECRET_KEY",
    "GRAFANA_ADMIN_PASSWORD",
    "MINIO_ROOT_PASSWORD",
)


def secret_values() -> dict[str, str]:
    """Return every variable that docker-compose.yml requires, with a new random value."""
    values = {name: secrets.token_hex(24) for name in PASSWORDS}
    return {**values, "MINIO_ROOT_USER": f"eucora-{secrets.token_hex(4)}"}


def write(path: Path, values: dict[str, str]) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values.items())


def main() -> int:
    """Write the file and say what is in it."""
    path = Path(sys.argv[1]) if sys.argv[1:] else DEFAULT
    try:
        write(path, secret_values())
    except FileExistsError:
        print(
            f"{path} exists and was left as it is: the databases in the volumes know its passwords. "
            "Move it away to have a new one written.",
            file=sys.stderr,
        )
        return 1
    print(f"Wrote {path}, readable by you only. Next: docker compose up -d --build --wait")
    print(f"Grafana's user is admin, its password GRAFANA_ADMIN_PASSWORD in {path.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
