//! The way that is found in an account of AWS is found here by the same calls.

use terrace_account::{Account, Identity, Keys};
use terrace_tunnel::way::{
    DatabaseSought, Engine, Named, Search, Sought, TaskService, Through, To, WayError,
};

use crate::database::nobody;
use crate::system::{Kind, opened};

fn sought(kind: Kind, reader: bool) -> Sought {
    let group = "items-prod-app".to_owned();
    let (through, named) = match kind {
        Kind::Ec2 | Kind::Bare => {
            (Through::Machines { groups: vec![group] }, Named::Instance("items-prod-data".to_owned()))
        }
        Kind::Fargate | Kind::Closed => {
            let services = vec![TaskService {
                service: group,
                container: "app".to_owned(),
                setting: "[app] exec = true".to_owned(),
            }];
            let through = Through::Tasks { cluster: "items_prod".to_owned(), services };
            (through, Named::Cluster("items-prod-data".to_owned()))
        }
    };
    Sought { system: "items-prod".to_owned(), through, to: To::Database(DatabaseSought { named, reader }) }
}

#[tokio::test]
async fn the_way_is_found_as_on_aws() {
    for (kind, reader) in [(Kind::Fargate, false), (Kind::Fargate, true), (Kind::Ec2, false)] {
        let endpoint = opened(kind, nobody().await, "").await;
        let account = Account::given("us-east-1", &endpoint.url(), Keys::new("AKIDEXAMPLE", "x", None));
        let search = Search::new(&account, &Identity::default(), "items-prod");
        let way = search.find(&sought(kind, reader)).await.unwrap();
        assert!(endpoint.targets().contains(&way.through.target.as_str().to_owned()), "{way:?}");
        let (host, port) = endpoint.database().unwrap();
        let host = if reader { host.replace(".cluster-", ".cluster-ro-") } else { host };
        assert_eq!(way.remote.to_string(), format!("{host}:{port}"));
        let database = way.database.unwrap();
        assert_eq!((database.engine, database.user.as_str()), (Engine::Postgres, "items"));
    }
}

#[tokio::test]
async fn where_there_is_no_way_the_reason_is_the_same() {
    let endpoint = opened(Kind::Closed, nobody().await, "").await;
    let account = Account::given("us-east-1", &endpoint.url(), Keys::new("AKIDEXAMPLE", "x", None));
    let search = Search::new(&account, &Identity::default(), "items-prod");
    let error = search.find(&sought(Kind::Closed, false)).await.unwrap_err();
    assert!(matches!(error, WayError::ExecOff { .. }), "{error:?}");

    let endpoint = opened(Kind::Bare, nobody().await, "").await;
    let account = Account::given("us-east-1", &endpoint.url(), Keys::new("AKIDEXAMPLE", "x", None));
    let search = Search::new(&account, &Identity::default(), "items-prod");
    let error = search.find(&sought(Kind::Bare, false)).await.unwrap_err();
    assert!(matches!(error, WayError::NotDeployed { .. }), "{error:?}");
}
