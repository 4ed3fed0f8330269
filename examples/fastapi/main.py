"""The items API on FastAPI: an ordinary application that knows nothing of Terrace."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import func, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException as StarletteHTTPException

from database import engine, get_db
from models import Item
from schemas import Change, Draft, ItemOut, Page, SearchText


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    engine.dispose()


app = FastAPI(title="Items", lifespan=lifespan)
Db = Annotated[Session, Depends(get_db)]


@app.get("/health")
def health(db: Db) -> dict[str, str]:
    db.execute(text("select 1"))
    return {"status": "ok"}


@app.get("/api/items", response_model=Page)
def list_items(
    db: Db,
    q: SearchText = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 10,
) -> dict[str, object]:
    found = select(Item)
    if q:
        found = found.where(
            or_(Item.name.icontains(q, autoescape=True), Item.description.icontains(q, autoescape=True))
        )
    total = db.scalar(select(func.count()).select_from(found.subquery()))
    items = db.scalars(found.order_by(Item.id.desc()).limit(per_page).offset((page - 1) * per_page)).all()
    return {"items": items, "page": page, "per_page": per_page, "total": total}


@app.post("/api/items", status_code=HTTPStatus.CREATED, response_model=ItemOut)
def add_item(draft: Draft, response: Response, db: Db) -> Item:
    item = Item(**draft.model_dump())
    db.add(item)
    db.commit()
    response.headers["Location"] = f"/api/items/{item.id}"
    return item


def existing_item(item_id: str, db: Db) -> Item:
    item = db.get(Item, int(item_id)) if item_id.isdecimal() and len(item_id) < 19 else None
    if item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such item. It may have been deleted.")
    return item


Existing = Annotated[Item, Depends(existing_item)]


@app.get("/api/items/{item_id}", response_model=ItemOut)
def show_item(item: Existing) -> Item:
    return item


@app.put("/api/items/{item_id}", response_model=ItemOut)
def replace_item(item: Existing, draft: Draft, db: Db) -> Item:
    for field, value in draft.model_dump().items():
        setattr(item, field, value)
    item.updated_at = func.now()
    db.commit()
    return item


@app.patch("/api/items/{item_id}", response_model=ItemOut)
def change_item(item: Existing, change: Change, db: Db) -> Item:
    for field, value in change.model_dump(exclude_none=True).items():
        setattr(item, field, value)
    item.updated_at = func.now()
    db.commit()
    return item


@app.delete("/api/items/{item_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_item(item: Existing, db: Db) -> None:
    db.delete(item)
    db.commit()


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Problem details, RFC 9457."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


MISSING = {"name": "Give the item a name.", "price_cents": "Give the item a price."}


@app.exception_handler(RequestValidationError)
def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    errors = []
    for wrong in error.errors():
        place, *path = wrong["loc"]
        if wrong["type"] == "json_invalid" or (place == "body" and not path):
            return problem(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
        field = str(path[0]) if path else ""
        detail = MISSING.get(field, wrong["msg"]) if wrong["type"] == "missing" else wrong["msg"]
        errors.append(
            {"detail": detail, "pointer": f"#/{field}"}
            if place == "body"
            else {"detail": detail, "parameter": field}
        )
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Some of what was sent is not valid.", errors=errors)


@app.exception_handler(StarletteHTTPException)
def refused(_: Request, error: StarletteHTTPException) -> JSONResponse:
    return problem(error.status_code, str(error.detail), error.headers)


@app.exception_handler(DBAPIError)
def database_trouble(_: Request, error: DBAPIError) -> JSONResponse:
    if error.connection_invalidated or error.orig is None or "Operational" in type(error.orig).__name__:
        detail = "The database cannot be reached. Try again in a moment."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "1"})
    raise error
