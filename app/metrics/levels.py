"""Levels of the program as a whole, which no other room owns: what its database takes, how long its log is."""

from __future__ import annotations

from sqlalchemy import func, select

from app.db import db
from app.events.models import Event
from app.metrics import catalogue as m
from app.metrics.projection import Measure


def levels() -> list[Measure]:
    """Two questions that cost the same however much there is: of the files' sizes, of the last entry of an index."""
    size = db.session.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
    head = db.session.execute(select(func.max(Event.id))).scalar_one()
    return [Measure(m.DB_SIZE, m.DB_SIZE(), size), Measure(m.EVENT_HEAD, m.EVENT_HEAD(), head or 0)]
