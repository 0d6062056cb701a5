"""People."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

router = APIRouter()


class Base(DeclarativeBase):
    """The tables."""


class Person(Base):
    """One row."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)


@router.get("/people")
def people(after: Annotated[int, Query()] = 0) -> list[int]:
    return [after]
