"""Addresses of databases: the dialect and the driver that SQLAlchemy loads for one."""

import pytest

# As SQLAlchemy does it, in few lines; its own `_parse_url` uses a regular expression of ten.
FILES = {
    "sqlalchemy/__init__.py": "from sqlalchemy.engine.create import create_engine\n",
    "sqlalchemy/engine/__init__.py": "",
    "sqlalchemy/engine/url.py": """
        import re
        from typing import NamedTuple, Optional

        class URL(NamedTuple):
            drivername: str
            username: Optional[str]
            password: Optional[str]
            host: Optional[str]
            port: Optional[int]
            database: Optional[str]
            query: object

            @classmethod
            def create(cls, drivername, username=None, password=None, host=None, port=None, database=None, query=None):
                return cls(drivername, username, password, host, port, database, query)

        def make_url(text):
            return _parse_url(text)

        def _parse_url(text):
            place = r"(?:[^@]*@)?(?P<host>[^:/]*):?(?P<port>[0-9]*)(?:/(?P<database>.*))?"
            found = re.match(r"(?P<name>[^:]*)://" + place, text)
            parts = found.groupdict()
            port = int(parts["port"]) if parts["port"] else None
            return URL.create(parts["name"], host=parts["host"] or None, port=port, database=parts["database"])
        """,
    "sqlalchemy/engine/create.py": """
        from sqlalchemy.engine.url import make_url

        def create_engine(text):
            url = make_url(text)
            __import__({"sqlite": "m1", "mysql+pymysql": "m2", "postgresql": "m3"}[url.drivername])
            if url.database is None:
                import m4
            if url.port == 5432:
                import m5
            if url.host == "shop":
                import m6
        """,
}


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///shop.db", "mysql+pymysql://shop/orders", "postgresql://shop:5432/orders"]
)
def test_an_address_names_what_is_loaded(as_python_loads, address):
    code = f"from sqlalchemy import create_engine\ncreate_engine({address!r})"
    certain, possible, loaded = as_python_loads(code, FILES)
    assert (certain, possible) == (loaded, set())


def test_of_an_address_with_a_password_the_driver_is_certain(as_python_loads):
    code = "from sqlalchemy import create_engine\ncreate_engine('postgresql://me:a@b/c@shop:5432/orders')"
    certain, possible, _ = as_python_loads(code, FILES)
    assert (certain, possible) == ({"m3"}, {"m4", "m5", "m6"})
