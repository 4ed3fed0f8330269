"""The FastAPI example, unchanged but for SQLAlchemy's pool, which lends 40 connections instead of 15.

With the default, FastAPI's 40 threads wait for each other at 64 connections, up to 30 s: not what is compared.
"""

import functools

import sqlalchemy

sqlalchemy.create_engine = functools.partial(sqlalchemy.create_engine, pool_size=40, max_overflow=0)

from main import app  # noqa: E402, F401
