"""Writes the secrets for docker-compose.yml: `python3 -m ops.compose.env [FILE]`. Standard library only.

No name here is also a name in app/settings.py: the `flask` command reads .env too and must not use these secrets.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[2] / ".env"
# Hexadecimal, because some of them become part of a URL.
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
    """Return all variables that docker-compose.yml requires, with new random values."""
    values = {name: secrets.token_hex(24) for name in PASSWORDS}
    return {**values, "MINIO_ROOT_USER": f"eucora-{secrets.token_hex(4)}"}


def write(path: Path, values: dict[str, str]) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values.items())


def main() -> int:
    """Write the file and print what to do next."""
    path = Path(sys.argv[1]) if sys.argv[1:] else DEFAULT
    try:
        write(path, secret_values())
    except FileExistsError:
        print(
            f"{path} already exists and was not changed: the databases in the volumes use its passwords. "
            "To write a new one, move it away first.",
            file=sys.stderr,
        )
        return 1
    print(f"Wrote {path}. Only you can read it. Next: docker compose up -d --build --wait")
    print(f"Grafana's user is admin; the password is GRAFANA_ADMIN_PASSWORD in {path.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
