//! The API over HTTP, as its own process, on a real PostgreSQL and a real MariaDB alike.

#[cfg(test)]
mod api;
#[cfg(test)]
mod database;
#[cfg(test)]
mod story;

use database::Engine;

#[test]
fn on_postgresql() {
    story::lives(Engine::Postgres);
}

#[test]
fn on_mariadb() {
    story::lives(Engine::MariaDb);
}
