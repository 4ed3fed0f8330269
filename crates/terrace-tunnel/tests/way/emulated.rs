//! The same search in moto, whose answers are by another hand. It starts no task and has no machine that is online.

use std::process::{Command, Stdio};

use terrace_account::{Account, Identity, Keys};
use terrace_stand_in::Emulator;
use terrace_tunnel::way::{
    DatabaseSought, Engine, Named, Search, Sought, TaskService, Through, To, WayError,
};

/// moto with what `account.py` makes.
fn account() -> Option<Emulator> {
    let emulator = Emulator::start(&[])?;
    let mut make = Command::new("python3");
    make.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/way/account.py")).stdin(Stdio::null());
    for (name, value) in [
        ("AWS_ENDPOINT_URL", emulator.address()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1"),
    ] {
        make.env(name, value);
    }
    let made = make.env_remove("AWS_PROFILE").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(emulator)
}

fn database(named: Named, reader: bool) -> Sought {
    let through = Through::Target("i-0123456789abcdef0".parse().unwrap());
    Sought { system: "shop".to_owned(), through, to: To::Database(DatabaseSought { named, reader }) }
}

#[tokio::test]
async fn what_moto_answers_is_understood() {
    let Some(emulator) = account() else { return };
    let account = Account::given("eu-west-1", emulator.address(), Keys::new("test", "test", None));
    let who = Identity { account: "123456789012".to_owned(), ..Identity::default() };
    let search = Search::new(&account, &who, "shop");

    for (named, engine, user, port, password_of) in [
        (Named::Instance("items-data".to_owned()), Engine::Postgres, "items", 5432, "rds!db-"),
        (Named::Cluster("shop-data".to_owned()), Engine::Mysql, "shop", 3306, "rds!cluster-"),
    ] {
        let way = search.find(&database(named, false)).await.unwrap();
        let found = way.database.unwrap();
        assert_eq!(
            (found.engine.clone(), found.user.as_str(), found.name.as_deref()),
            (engine, user, Some(user))
        );
        assert_eq!(way.remote.port().get(), port);
        assert!(way.remote.host().to_string().ends_with(".eu-west-1.rds.amazonaws.com"), "{}", way.remote);
        assert!(found.secret.as_ref().unwrap().arn.contains(password_of), "{found:?}");
        assert!(!search.login(&found).await.unwrap().password.is_empty());
    }
    let reader = search.find(&database(Named::Cluster("shop-data".to_owned()), true)).await.unwrap();
    assert!(reader.remote.host().to_string().contains("cluster-ro-"), "{}", reader.remote);

    for gone in [Named::Instance("gone".to_owned()), Named::Cluster("gone".to_owned())] {
        let error = search.find(&database(gone, false)).await.unwrap_err();
        assert!(matches!(&error, WayError::NotDeployed { .. }), "{error:?}");
    }
    let error = search.find(&database(Named::Only, false)).await.unwrap_err();
    let WayError::SeveralDatabases { names, .. } = &error else { panic!("{error:?}") };
    assert_eq!(names, &["shop-data", "items-data"]);

    let tasks = |cluster: &str, service: &str| Through::Tasks {
        cluster: cluster.to_owned(),
        services: vec![TaskService {
            service: service.to_owned(),
            container: "app".to_owned(),
            setting: "[app] exec = true".to_owned(),
        }],
    };
    let error = search.target(&tasks("shop", "shop-app")).await.unwrap_err();
    assert!(matches!(&error, WayError::NoTask { desired: Some(2), .. }), "{error:?}");
    for (cluster, service) in [("gone", "shop-app"), ("shop", "gone")] {
        let error = search.target(&tasks(cluster, service)).await.unwrap_err();
        assert!(matches!(&error, WayError::NotDeployed { .. }), "{error:?}");
    }
    let error = search.target(&Through::Machines { groups: vec!["gone".to_owned()] }).await.unwrap_err();
    assert!(matches!(&error, WayError::NotDeployed { .. }), "{error:?}");
}
