"""Brings the database to the newest revision: `alembic upgrade head`.

Another that runs at the same time waits for its turn: PostgreSQL holds the lock until the transaction ends.
"""

from alembic import context
from sqlalchemy import text

import models  # noqa: F401  (the tables, for `alembic revision --autogenerate`)
from database import Base, engine

LOCK = 7_205_759_403

with engine.begin() as connection:
    if engine.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
    print(f"the database is at {context.get_context().get_current_revision() or 'the beginning'}")
