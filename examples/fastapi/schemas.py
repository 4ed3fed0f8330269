"""What comes in and what goes out, and the words for what is wrong with it."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr
from pydantic_core import PydanticCustomError


def problem(message: str) -> PydanticCustomError:
    return PydanticCustomError("problem", "{message}", {"message": message})


def text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise problem(f"Give the {field} as text.")
    return value.strip()


def check_name(value: object) -> str:
    name = text("name", value)
    if not name:
        raise problem("Give the item a name.")
    if len(name) > 120:
        raise problem("Keep the name to 120 characters.")
    if not name.isprintable():
        raise problem("Keep the name to one line of plain text.")
    return name


def check_description(value: object) -> str:
    description = text("description", value)
    if len(description) > 2000:
        raise problem("Keep the description to 2000 characters.")
    if "\0" in description:
        raise problem("Keep the description to plain text.")
    return description


def whole(maximum: int, not_whole: str, out_of_range: str) -> BeforeValidator:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise problem(not_whole)
        if not 0 <= value <= maximum:
            raise problem(out_of_range)
        return value

    return BeforeValidator(check)


Name = Annotated[StrictStr, BeforeValidator(check_name)]
Description = Annotated[StrictStr, BeforeValidator(check_description)]
Price = Annotated[
    StrictInt, whole(99_999_999, "Give the price in whole cents.", "Give a price from 0 to 999,999.99.")
]
Quantity = Annotated[
    StrictInt, whole(1_000_000, "Give a whole number.", "Give a number from 0 to 1,000,000.")
]


class Draft(BaseModel):
    name: Name
    description: Description = ""
    price_cents: Price
    quantity: Quantity = 0


class Change(BaseModel):
    name: Name | None = None
    description: Description | None = None
    price_cents: Price | None = None
    quantity: Quantity | None = None


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    description: str
    price_cents: int
    quantity: int
    updated_at: datetime


class Page(BaseModel):
    items: list[ItemOut]
    page: int
    per_page: int
    total: int


def no_control_characters(value: str) -> str:
    value = value.strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise problem("Keep the search to plain text.")
    return value


SearchText = Annotated[str, Field(max_length=100), AfterValidator(no_control_characters)]
