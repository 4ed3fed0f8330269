//! Items in MySQL or MariaDB.
//!
//! Only what both speak is used: neither `returning` (MariaDB alone) nor the newer collations
//! (MySQL alone).

use std::{str::FromStr, sync::LazyLock};

use sqlx::{
    ConnectOptions, Row,
    migrate::Migrator,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow},
    query,
};

use super::{StoreError, session::Sessions};
use crate::{
    item::{Change, Draft, Item, ItemId},
    listing::{Listing, Page},
    settings::DatabaseUrl,
};

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("migrations/mysql");
    migrations.set_locking(false);
    migrations
});

/// The table `items` of one MySQL database.
pub struct MySqlItems(Sessions<MySqlConnection>);

macro_rules! columns {
    () => {
        "id, name, description, price_cents, quantity, updated_at"
    };
}

const LIST: &str = concat!(
    "select ",
    columns!(),
    ", (select count(*) from items) from items order by id desc limit ? offset ?"
);
const COUNT: &str = "select count(*) from items";
const SEARCH: &str = concat!(
    "select ",
    columns!(),
    ", count(*) over () from items where name like ? escape '!' or description like ? escape '!' ",
    "order by id desc limit ? offset ?"
);
const SEARCH_COUNT: &str =
    "select count(*) from items where name like ? escape '!' or description like ? escape '!'";
const FIND: &str = concat!("select ", columns!(), " from items where id = ?");
const INSERT: &str = "insert into items (name, description, price_cents, quantity) values (?, ?, ?, ?)";
const CHANGE: &str = concat!(
    "update items set name = coalesce(?, name), description = coalesce(?, description), ",
    "price_cents = coalesce(?, price_cents), quantity = coalesce(?, quantity), ",
    "updated_at = current_timestamp(3) where id = ?"
);
const DELETE: &str = "delete from items where id = ?";
const LOCK: &str = "select get_lock(concat('items-api migrations ', database()), 60)";
const UNLOCK: &str = "select release_lock(concat('items-api migrations ', database()))";

impl MySqlItems {
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let options = MySqlConnectOptions::from_str(url.expose())?;
        Ok(Self(Sessions::new(options.disable_statement_logging())?))
    }

    /// Processes that start together take turns. The lock is our own: sqlx asks for one with a
    /// negative timeout, which MariaDB takes for "do not wait" and nobody looks at the answer.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let mut session = self.0.get().await?;
        let connection = session.begin();
        let got = query(LOCK).fetch_one(&mut *connection).await?.try_get::<Option<i64>, _>(0)?;
        if got != Some(1) {
            return Err(StoreError::Unavailable(
                "another process is migrating for more than a minute".to_owned(),
            ));
        }
        MIGRATIONS.run(&mut *connection).await?;
        let outcome = query(UNLOCK).execute(&mut *connection).await;
        session.end(outcome).map(drop)
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
            None => query(LIST),
            Some(pattern) => query(SEARCH).bind(pattern).bind(pattern),
        };
        let statement = statement.bind(listing.limit()).bind(listing.offset());
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
            Some(pattern) => query(SEARCH_COUNT).bind(pattern).bind(pattern),
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
        let connection = session.begin();
        let outcome = async {
            let done = query(INSERT)
                .bind(draft.name())
                .bind(draft.description())
                .bind(draft.price_cents())
                .bind(draft.quantity())
                .execute(&mut *connection)
                .await?;
            query(FIND).bind(done.last_insert_id()).fetch_one(&mut *connection).await
        }
        .await;
        Ok(item(&session.end(outcome)?)?)
    }

    pub(super) async fn change(&self, id: ItemId, change: &Change) -> Result<Option<Item>, StoreError> {
        let mut session = self.0.get().await?;
        let connection = session.begin();
        let outcome = async {
            query(CHANGE)
                .bind(change.name())
                .bind(change.description())
                .bind(change.price_cents())
                .bind(change.quantity())
                .bind(id.number())
                .execute(&mut *connection)
                .await?;
            query(FIND).bind(id.number()).fetch_optional(&mut *connection).await
        }
        .await;
        Ok(session.end(outcome)?.as_ref().map(item).transpose()?)
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

fn item(row: &MySqlRow) -> Result<Item, sqlx::Error> {
    Ok(Item {
        id: ItemId::stored(row.try_get(0)?),
        name: row.try_get(1)?,
        description: row.try_get(2)?,
        price_cents: row.try_get(3)?,
        quantity: row.try_get(4)?,
        updated_at: row.try_get(5)?,
    })
}
