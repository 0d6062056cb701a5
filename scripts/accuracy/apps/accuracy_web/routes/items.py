"""Items."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()


class Item(BaseModel):
    """A thing with a price."""

    name: str
    price: float = 0.0


@router.get("/items")
def items() -> list[Item]:
    return []
