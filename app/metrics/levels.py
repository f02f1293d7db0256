"""Levels of the program as a whole: the size of its database, the length of its event log."""

from __future__ import annotations

from sqlalchemy import func, select

from app.db import db
from app.events.models import Event
from app.metrics import catalogue as m
from app.metrics.projection import Measure


def levels() -> list[Measure]:
    """Two queries whose cost does not grow with the data: file sizes, and the last entry of an index."""
    size = db.session.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
    head = db.session.execute(select(func.max(Event.id))).scalar_one()
    return [Measure(m.DB_SIZE, m.DB_SIZE(), size), Measure(m.EVENT_HEAD, m.EVENT_HEAD(), head or 0)]
