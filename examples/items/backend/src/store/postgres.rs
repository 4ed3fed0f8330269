//! Items in PostgreSQL.

use std::str::FromStr;

use sqlx::{
    ConnectOptions, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgConnection, PgRow},
    query,
};

use super::{StoreError, session::Sessions};
use crate::{
    item::{Change, Draft, Item, ItemId},
    listing::{Listing, Page},
    settings::DatabaseUrl,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The table `items` of one PostgreSQL database.
pub struct PostgresItems(Sessions<PgConnection>);

macro_rules! columns {
    () => {
        "id, name, description, price_cents, quantity, updated_at"
    };
}

// The count is a subquery of its own: page and total come in one round trip, and unlike
// `count(*) over ()` it does not carry the rows' columns through a window.
const LIST: &str = concat!(
    "select ",
    columns!(),
    ", (select count(*) from items) from items order by id desc limit $1 offset $2"
);
const COUNT: &str = "select count(*) from items";
const SEARCH: &str = concat!(
    "select ",
    columns!(),
    ", count(*) over () from items where name ilike $3 escape '!' or description ilike $3 escape '!' ",
    "order by id desc limit $1 offset $2"
);
const SEARCH_COUNT: &str =
    "select count(*) from items where name ilike $1 escape '!' or description ilike $1 escape '!'";
const FIND: &str = concat!("select ", columns!(), " from items where id = $1");
const INSERT: &str = concat!(
    "insert into items (name, description, price_cents, quantity) values ($1, $2, $3, $4) returning ",
    columns!()
);
const CHANGE: &str = concat!(
    "update items set name = coalesce($2, name), description = coalesce($3, description), ",
    "price_cents = coalesce($4, price_cents), quantity = coalesce($5, quantity), updated_at = now() ",
    "where id = $1 returning ",
    columns!()
);
const DELETE: &str = "delete from items where id = $1";

impl PostgresItems {
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url.expose())?.application_name("items-api");
        Ok(Self(Sessions::new(options.disable_statement_logging())?))
    }

    /// sqlx takes an advisory lock around it, so processes that start together take turns.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let mut session = self.0.get().await?;
        MIGRATIONS.run(session.begin()).await?;
        session.end(Ok(()))
    }

    pub(super) async fn warm(&self) {
        self.0.warm().await;
    }

    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let mut session = self.0.get().await?;
        let outcome = query("select 1").execute(session.begin()).await;
        session.end(outcome).map(drop)
    }

    pub(super) async fn list(&self, listing: &Listing) -> Result<Page, StoreError> {
        let mut session = self.0.get().await?;
        let pattern = listing.pattern();
        let statement = match &pattern {
            None => query(LIST).bind(listing.limit()).bind(listing.offset()),
            Some(pattern) => query(SEARCH).bind(listing.limit()).bind(listing.offset()).bind(pattern),
        };
        let rows = statement.fetch_all(session.begin()).await;
        let rows = session.end(rows)?;
        let total = match rows.first() {
            Some(row) => row.try_get(6)?,
            None if listing.offset() == 0 => 0,
            None => self.count(pattern.as_deref()).await?,
        };
        Ok(listing.answer(rows.iter().map(item).collect::<Result<_, _>>()?, total))
    }

    /// The total when the page itself, past the end, has no row to carry it.
    async fn count(&self, pattern: Option<&str>) -> Result<i64, StoreError> {
        let mut session = self.0.get().await?;
        let statement = match pattern {
            None => query(COUNT),
            Some(pattern) => query(SEARCH_COUNT).bind(pattern),
        };
        let row = statement.fetch_one(session.begin()).await;
        Ok(session.end(row)?.try_get(0)?)
    }

    pub(super) async fn find(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        let mut session = self.0.get().await?;
        let row = query(FIND).bind(id.number()).fetch_optional(session.begin()).await;
        Ok(session.end(row)?.as_ref().map(item).transpose()?)
    }

    pub(super) async fn insert(&self, draft: &Draft) -> Result<Item, StoreError> {
        let mut session = self.0.get().await?;
        let row = query(INSERT)
            .bind(draft.name())
            .bind(draft.description())
            .bind(draft.price_cents())
            .bind(draft.quantity())
            .fetch_one(session.begin())
            .await;
        Ok(item(&session.end(row)?)?)
    }

    pub(super) async fn change(&self, id: ItemId, change: &Change) -> Result<Option<Item>, StoreError> {
        let mut session = self.0.get().await?;
        let row = query(CHANGE)
            .bind(id.number())
            .bind(change.name())
            .bind(change.description())
            .bind(change.price_cents())
            .bind(change.quantity())
            .fetch_optional(session.begin())
            .await;
        Ok(session.end(row)?.as_ref().map(item).transpose()?)
    }

    pub(super) async fn delete(&self, id: ItemId) -> Result<bool, StoreError> {
        let mut session = self.0.get().await?;
        let outcome = query(DELETE).bind(id.number()).execute(session.begin()).await;
        Ok(session.end(outcome)?.rows_affected() > 0)
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

fn item(row: &PgRow) -> Result<Item, sqlx::Error> {
    Ok(Item {
        id: ItemId::stored(row.try_get(0)?),
        name: row.try_get(1)?,
        description: row.try_get(2)?,
        price_cents: row.try_get(3)?,
        quantity: row.try_get(4)?,
        updated_at: row.try_get(5)?,
    })
}
