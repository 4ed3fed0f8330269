//! How a replica comes by its environment: it is given it, or reads it from the run's stores by `terrace-boot`, as an
//! instance does.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use terrace_boot::{Config, Database, Engine, ParameterPath, Secret, SecretPlace, VariableName};
use terrace_local::{DatabaseAccess, Handover, LISTEN, Program, Resolution, Stores, Value};
use terrace_net::Port;
use terrace_topology::SettingName;

use super::Surroundings;
use crate::Executable;
use crate::leash::Launch;
use crate::store::{Holdings, REGION, Store};
use crate::supervisor::UpError;

type Secrets = BTreeMap<SettingName, String>;

impl Surroundings {
    /// What the replicas of a service start with, and its migration. `store` is opened for the first that needs it.
    pub(crate) fn of(
        plan: &Program,
        database: DatabaseAccess,
        secrets: Secrets,
        store: &mut Option<Store>,
    ) -> Result<Self, UpError> {
        let Handover::Stores(stores) = &plan.handover else {
            return Ok(Self { database, secrets, boot: None });
        };
        let failed = UpError::io("cannot open the stores that replicas read from");
        let boot = match store {
            Some(store) => settings(stores, plan, &database, &secrets, store),
            None => Store::open()
                .and_then(|opened| settings(stores, plan, &database, &secrets, store.insert(opened))),
        };
        Ok(Self { boot: Some(boot.map_err(failed)?), database, secrets })
    }

    /// The command of one replica or of a migration, and what it finds on its standard input.
    pub(crate) fn launch(
        &self,
        plan: &Program,
        port: Port,
        folder: PathBuf,
        executable: &Executable,
    ) -> std::io::Result<(Launch, Option<OwnedFd>)> {
        let mut launch = Launch::shell(plan.run.as_str(), folder);
        let Some(boot) = &self.boot else {
            let known = Resolution { port, database: &self.database, secrets: &self.secrets };
            launch.environment = plan
                .environment
                .iter()
                .filter_map(|(name, value)| Some((name.into(), value.resolve(&known)?.into())))
                .collect();
            return Ok((launch, None));
        };
        launch.program = executable.as_ref().to_owned();
        launch.args = [Executable::BOOT, "--quiet", "--config", "-", "--shell", plan.run.as_str()]
            .map(Into::into)
            .into();
        let config = Config { port: Some(port.get()), ..boot.clone() };
        Ok((launch, Some(handed_over(&config)?)))
    }
}

/// A pipe with a configuration in it. It holds a key, so it is no file and no argument.
fn handed_over(config: &Config) -> std::io::Result<OwnedFd> {
    let text = serde_json::to_vec(config)?;
    let (reader, mut writer) = std::io::pipe()?;
    // Beside us: the pipe may be smaller than the text, and whoever reads it is yet to come.
    tokio::task::spawn_blocking(move || writer.write_all(&text));
    Ok(reader.into())
}

/// Fills the store with what a service may read, and says how it is read.
fn settings(
    stores: &Stores,
    plan: &Program,
    access: &DatabaseAccess,
    known: &Secrets,
    store: &Store,
) -> std::io::Result<Config> {
    let mut parameters = BTreeMap::new();
    let mut secrets = BTreeMap::new();
    let mut places: BTreeMap<VariableName, SecretPlace> = BTreeMap::new();
    let mut database = None;
    for (name, value) in &plan.environment {
        match value {
            Value::Port | Value::Host => {}
            Value::Text(text) => drop(parameters.insert(name.clone(), text.clone())),
            Value::Secret(setting, _) => {
                let (Some(text), Some(stored)) = (known.get(setting), stores.secrets.get(setting)) else {
                    continue;
                };
                secrets.insert(stored.to_string(), Secret::new(text.clone()));
                let place = SecretPlace { secret: stored.to_string(), key: None };
                places.insert(name.parse().map_err(std::io::Error::other)?, place);
            }
            Value::Database(_) => {
                let login =
                    serde_json::json!({ "username": access.user.as_str(), "password": access.password });
                secrets.insert(stores.database.to_string(), Secret::new(login.to_string()));
                database = Some(reached(access, stores.database.to_string()));
            }
        }
    }
    let path = ParameterPath::try_from(stores.parameters.clone()).map_err(std::io::Error::other)?;
    let holdings = Holdings { path: stores.parameters.clone(), parameters, secrets };
    let credentials = store.grant(holdings).map_err(std::io::Error::other)?;
    Ok(Config {
        region: Some(REGION.to_owned()),
        parameters: Some(path),
        settings: None,
        plain: BTreeMap::new(),
        secrets: Some(places),
        database,
        host: Some(LISTEN.to_owned()),
        port: None,
        refresh: None,
        grace: None,
        limit: Some(20),
        endpoint: Some(store.endpoint()),
        credentials: Some(credentials),
    })
}

/// The database of this run: on this machine, and without TLS.
fn reached(access: &DatabaseAccess, secret: String) -> Database {
    Database {
        engine: match access.engine {
            terrace_topology::Engine::Postgres => Engine::Postgres,
            terrace_topology::Engine::Mysql => Engine::Mysql,
        },
        host: access.endpoint.host().to_string(),
        port: access.endpoint.port().get(),
        name: access.database.to_string(),
        secret,
        ca: None,
        tls: false,
    }
}
