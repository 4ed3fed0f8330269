//! Ways that are looked for in an AWS of scripts: each file in `cases` is one, with what is asked, what is answered in the
//! shapes of AWS's API references, and what comes of it. `TERRACE_UPDATE=1` writes requests and outcomes anew.
//!
//! A file begins with what is sought, a word a line; then come sections, each below a line that begins with `--- `:
//! `ask SERVICE:ACTION` with the request's body, `answer STATUS` with the answer to it, at the end `outcome`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it is wrong"
)]

mod case;
mod emulated;
mod server;

use std::fmt::Write as _;

use case::Case;
use server::Server;
use terrace_account::{Account, Identity, Keys};
use terrace_tunnel::client::Terminations;
use terrace_tunnel::client::shell::{self, ShellControl};
use terrace_tunnel::way::{
    DatabaseSought, Named, Place, Search, ShellSought, Sought, TaskService, Through, To, Way, WayError,
    policy, shell_policy,
};

const PASSWORD: &str = "p\"xyzzy \\rd\u{e9}";

#[tokio::test]
async fn each_case_comes_to_what_it_says() {
    let mut wrong = Vec::new();
    let all = Case::all();
    assert!(all.len() > 20, "the cases are there");
    for case in all {
        let server = Server::start(&case);
        let outcome = outcome(&case, &server.address).await;
        let asked = server.asked();
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            case.write(&asked, &outcome);
            continue;
        }
        let found = case.with(&asked, &outcome);
        if found != case.text() {
            wrong.push(format!("{}: was\n{found}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn outcome(case: &Case, address: &str) -> String {
    let region = case.value("region").unwrap_or("eu-west-1");
    let keys = Keys::new("AKIDEXAMPLE", "very-secret", None);
    let account = Account::given(region, address, keys);
    let who = Identity {
        account: "123456789012".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/developer/anna".to_owned(),
        user_id: "AROAEXAMPLE:anna".to_owned(),
    };
    let search = Search::new(&account, &who, "items-prod");
    if case.has("shell") {
        return shell_outcome(case, &search, (&account, &who)).await;
    }
    let way = match search.find(&sought(case)).await {
        Ok(way) => way,
        Err(error) => return failed(&error),
    };
    let mut text = found(&way);
    if let (Some(database), true) = (&way.database, case.has("login")) {
        match search.login(database).await {
            Ok(login) => {
                assert!(!format!("{login:?}").contains("xyzzy"), "{login:?}");
                let right = login.password.as_str() == PASSWORD;
                writeln!(text, "login: {} ({})", login.user, if right { "its password" } else { "another" })
                    .unwrap();
            }
            Err(error) => text.push_str(&failed(&error)),
        }
    }
    text
}

/// Where a shell would be; and why there is none all the same, if the session is refused.
async fn shell_outcome(case: &Case, search: &Search<'_>, (account, who): (&Account, &Identity)) -> String {
    let found = match search.shell(&shell_sought(case)).await {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let mut text = format!("inside: {:?}\ncalled: {}\n", found.inside, found.called);
    if case.has("enter") {
        let command = Some("ls /tmp".to_owned()).filter(|_| !case.has("login-shell"));
        let control = ShellControl::new(account.clone(), Place::of(account, who), found.inside, command);
        let error = shell::enter(control, None, &Terminations::default()).await.unwrap_err();
        writeln!(text, "error: {error}").unwrap();
        error.help().iter().for_each(|help| writeln!(text, "help: {help}").unwrap());
    }
    text
}

fn shell_sought(case: &Case) -> ShellSought {
    match sought(case).through {
        Through::Tasks { cluster, mut services } => {
            let task = case.value("task").map(str::to_owned);
            ShellSought::Task { cluster, service: services.remove(0), task }
        }
        Through::Machines { mut groups } => ShellSought::Machine { group: groups.remove(0) },
        Through::Target(target) => ShellSought::Target(target),
    }
}

fn found(way: &Way) -> String {
    let mut text = format!("target: {}\n", way.through.target.as_str());
    writeln!(text, "called: {}", way.through.called).unwrap();
    writeln!(text, "remote: {}", way.remote).unwrap();
    if let Some(database) = &way.database {
        let name = database.name.as_deref().unwrap_or("-");
        writeln!(text, "database: {} {:?} {} {name}", database.id, database.engine, database.user).unwrap();
    }
    text
}

fn failed(error: &WayError) -> String {
    let helps = error.help();
    assert!(!format!("{error:?} {helps:?}").contains("xyzzy"), "{error:?}");
    let helps = helps.iter().map(|help| format!("help: {help}\n"));
    format!("error: {error}\n{}", helps.collect::<String>())
}

/// What a case seeks.
fn sought(case: &Case) -> Sought {
    let service = |name: &str| TaskService {
        service: format!("items-prod-{name}"),
        container: name.to_owned(),
        setting: format!("[{name}] exec = true"),
    };
    let through = match case.value("through").unwrap_or("tasks") {
        "tasks" => Through::Tasks {
            cluster: "items-prod".to_owned(),
            services: case.value("services").unwrap_or("app").split(' ').map(service).collect(),
        },
        "machines" => Through::Machines { groups: vec!["items-prod-app".to_owned()] },
        target => Through::Target(target.parse().unwrap()),
    };
    let id = || "items-prod-data".to_owned();
    let database = |named| To::Database(DatabaseSought { named, reader: case.has("reader") });
    let to = match case.value("to").unwrap_or("cluster") {
        "cluster" => database(Named::Cluster(id())),
        "instance" => database(Named::Instance(id())),
        "only" => database(Named::Only),
        endpoint => To::Endpoint(endpoint.parse().unwrap()),
    };
    Sought { system: "items-prod".to_owned(), through, to }
}

#[test]
fn the_least_policy_for_each_way() {
    let folder = Case::folder().join("../policies");
    let (tasks, machines) = ("through: tasks", "through: machines\nto: instance");
    let known = "through: ecs:items_prod_7412261320c54ef9a1ae606175e9bec1_7412261320c54ef9a1ae606175e9bec1-3811061257\nto: cache.internal:6379";
    let china = ("cn-north-1", "123456789012");
    let cases = [
        ("fargate", tasks, ("eu-west-1", "123456789012")),
        ("ec2", machines, ("eu-west-1", "123456789012")),
        ("known-target", known, ("eu-west-1", "")),
        ("china", machines, china),
        ("any", "through: i-0123456789abcdef0\nto: only", ("eu-west-1", "")),
        ("shell-fargate", "shell\nthrough: tasks", ("eu-west-1", "123456789012")),
        ("shell-ec2", "shell\nthrough: machines", ("eu-west-1", "123456789012")),
        ("shell-known-target", "shell\nthrough: i-0123456789abcdef0", ("eu-west-1", "123456789012")),
    ];
    for (name, text, (region, account)) in cases {
        let case = Case::of(name, text);
        let place = Place::new(region, account);
        let text = if case.has("shell") {
            shell_policy(&shell_sought(&case), &place)
        } else {
            policy(&sought(&case), &place)
        };
        let path = folder.join(format!("{name}.json"));
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name}");
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        // A managed policy holds no more, white space aside.
        assert!(document.to_string().len() < 6144, "{name}");
    }
}

#[tokio::test]
async fn whose_sessions_are_ones_own_is_known_of_a_role() {
    let account = Account::given("eu-west-1", "http://127.0.0.1:1", Keys::new("AKID", "secret", None));
    let own = |arn: &str| {
        let who = Identity { account: "123456789012".to_owned(), arn: arn.to_owned(), ..Identity::default() };
        let text = policy(&sought(&Case::of("own", "")), &Place::of(&account, &who));
        text.lines().filter(|line| line.contains(":session/")).map(str::trim).collect::<Vec<_>>().join("\n")
    };
    let role = own("arn:aws:sts::123456789012:assumed-role/developer/anna@example.com");
    assert!(role.contains("session/anna@example.com-*"), "{role}");
    let user = own("arn:aws:iam::123456789012:user/team/anna");
    assert_eq!(role.lines().count(), user.lines().count() + 1);
}
