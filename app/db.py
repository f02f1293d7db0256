"""Flask-SQLAlchemy's `db`, the naming convention of constraints, and the column types that models share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, Select, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry


class Base(DeclarativeBase):
    """Base of every model: times have a zone, texts have no length, dictionaries are JSONB, states are checked."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            StrEnum: Enum(
                StrEnum,
                native_enum=False,
                length=20,
                create_constraint=True,
                values_callable=lambda states: [state.value for state in states],
            ),
            str: Text,
            int: BigInteger,
            dict[str, Any]: JSONB,
            dict[str, int]: JSONB,
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:
    # Flask-SQLAlchemy creates the class at run time; the type checker sees its base.
    Model = Base
else:
    Model = db.Model


def engine_options(pool_size: int) -> dict[str, Any]:
    """Options of every engine: a pool of fixed size, connections tested before use, UTC, time-outs for all waits."""
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_pre_ping": True,
        "pool_timeout": 10,
        "connect_args": {
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000",
        },
    }


def install(app: Flask) -> None:
    """Connect the app to the database of its settings."""
    db.init_app(app)
    app.teardown_appcontext(_end_session)  # before Flask-SQLAlchemy's own, which is registered earlier


def _end_session(_error: BaseException | None) -> None:
    """End what a request or job leaves open. If the database went away meanwhile, its answer or result stays valid."""
    try:
        db.session.remove()
    except DBAPIError:
        db.session().invalidate()


Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def locked(query: Query, *, skip: bool = False, share: bool = False, of: Any = None) -> Query:
    """The query with its rows locked until the transaction ends, and loaded from the database, not from the session.

    `skip` leaves out rows that others have locked; `share` lets others lock them for reading too; `of` names the one
    table whose rows are locked. Every row lock is taken here; docs/architecture.md states their order.
    """
    return query.with_for_update(read=share, skip_locked=skip, of=of).execution_options(populate_existing=True)


def database_time(session: Session) -> datetime:
    """When the transaction began, by the database's clock: all processes share it, on whatever machine."""
    began: datetime = session.execute(select(func.now())).scalar_one()
    return began


def quoted(values: Iterable[str]) -> str:
    """Our own constants, such as states, as a list of SQL literals."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def array_literal(values: Sequence[str]) -> str:
    """A PostgreSQL array literal. The driver inspects each value of a list, which costs several times as much."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return f'{{"{joined}"}}'


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that sees the database as of one moment and can change nothing. Not inside a unit of work."""
    session = db.session()
    session.rollback()  # the characteristics of a transaction are set before its first statement
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    try:
        yield session
    finally:
        session.rollback()


@contextmanager
def alone(key: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold the advisory lock `key` while the block runs; False if another process holds it, unless it `wait`s.

    The lock ends with the process, however that ends. Its connection is outside of any transaction and of the pool, so
    the block may wait for other systems.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        locked = connection.execute(text(f"SELECT {lock}(hashtextextended(:key, 0))"), {"key": key}).scalar_one()
        try:
            yield wait or bool(locked)
        finally:
            # The server notices a closed connection only a moment later, and whoever comes next would find it locked.
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), {"key": key})
