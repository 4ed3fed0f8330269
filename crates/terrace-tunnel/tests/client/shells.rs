//! Shells as their user meets them: a real one with a terminal at the end, the rehearsal endpoint and its faults in between.

use std::collections::BTreeMap;
use std::path::Path;

use terrace_account::{Account, Identity, Keys};
use terrace_ssm::{Arrived, WindowSize};
use terrace_tunnel::client::shell::{self, Shell, ShellControl};
use terrace_tunnel::client::{ControlError, Over, Terminations, TunnelError, TunnelEvent};
use terrace_tunnel::endpoint::{
    AccountId, Endpoint, Name, Options, Place, Replica, Shape, Shells, Surroundings, System,
};
use terrace_tunnel::way::{self, Search, ShellFound, ShellSought, TaskService, WayError};
use tokio::sync::{mpsc, watch};

use crate::world::settled;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// Two replicas in the folder of this test, or in one that is not there.
async fn endpoint(machines: bool, faults: &str, folder: &'static str) -> (Endpoint, watch::Sender<System>) {
    let shape = if machines {
        Shape::Ec2 { group: name("items-prod-app"), tags: BTreeMap::new() }
    } else {
        let (cluster, service, container) = (name("items-prod"), name("items-prod-app"), name("app"));
        Shape::Fargate { cluster, service, container, exec: true }
    };
    let replica = |start: &str, since| Replica { start: start.to_owned(), since };
    let replicas = vec![replica("app-1", 1_795_000_000), replica("app-2", 1_795_000_060)];
    let (system, watched) =
        watch::channel(System { shape, replicas, database: None, others: BTreeMap::new() });
    let place = Place {
        region: "us-east-1".parse().unwrap(),
        account: AccountId::rehearsal(),
        run: "items prod".to_owned(),
    };
    let faults = faults.parse().unwrap();
    let options = Options { place, system: watched, port: None, faults, seed: 20_261_122 };
    let shells = Shells::new(move |replica| {
        let environment = [("REPLICA", replica.start.as_str()), ("PATH", "/usr/bin:/bin")];
        let environment = environment.map(|(name, value)| (name.into(), value.into())).to_vec();
        Some(Surroundings { folder: folder.into(), environment })
    });
    (terrace_tunnel::endpoint::open_with(options, Some(shells)).await.unwrap(), system)
}

fn sought(machines: bool, task: Option<&str>) -> ShellSought {
    if machines {
        return ShellSought::Machine { group: "items-prod-app".to_owned() };
    }
    let service = TaskService {
        service: "items-prod-app".to_owned(),
        container: "app".to_owned(),
        setting: "[app] exec = true".to_owned(),
    };
    ShellSought::Task { cluster: "items-prod".to_owned(), service, task: task.map(str::to_owned) }
}

fn account(endpoint: &Endpoint) -> Account {
    Account::given("us-east-1", &endpoint.url(), Keys::new("AKIAEXAMPLE", "none", None))
}

async fn find(endpoint: &Endpoint, sought: &ShellSought) -> Result<ShellFound, WayError> {
    let account = account(endpoint);
    Search::new(&account, &Identity::default(), "items-prod").shell(sought).await
}

type Entered = (Shell, mpsc::Receiver<TunnelEvent>);

async fn enter(endpoint: &Endpoint, machines: bool, command: Option<&str>) -> Result<Entered, TunnelError> {
    let found = find(endpoint, &sought(machines, None)).await.unwrap();
    let (account, place) = (account(endpoint), way::Place::new("us-east-1", ""));
    let control = ShellControl::new(account, place, found.inside, command.map(str::to_owned));
    let size = Some(WindowSize { columns: 211, rows: 57 });
    shell::enter(control, size, &Terminations::default()).await
}

/// All that it writes until `end`, or until it has ended.
async fn heard(shell: &Shell, end: &str) -> String {
    let mut all = Vec::new();
    while let Some(Arrived::Output(piece)) = shell.hear().await {
        all.extend_from_slice(&piece);
        if !end.is_empty() && String::from_utf8_lossy(&all).ends_with(end) {
            break;
        }
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn a_command_runs_in_the_newest_replica_and_its_session_ends_with_it() {
    for machines in [false, true] {
        let (endpoint, _system) = endpoint(machines, "unpaced", "/").await;
        let command = "sh -c 'echo $REPLICA; pwd; echo wrong >&2'";
        let (shell, _events) = enter(&endpoint, machines, Some(command)).await.unwrap();
        let newest = if machines { &["app-1", "app-2"][..] } else { &["app-2"][..] };
        let said = heard(&shell, "").await;
        assert!(newest.iter().any(|start| said == format!("{start}\r\n/\r\nwrong\r\n")), "{said:?}");
        assert_eq!(shell.over().await, Over::Closed { output: String::new() });
        settled(&endpoint, 0).await;
    }
}

#[tokio::test]
async fn what_is_typed_is_answered_and_the_terminal_has_the_size_that_was_told() {
    for machines in [false, true] {
        let (endpoint, _system) = endpoint(machines, "unpaced", "/tmp").await;
        let command = (!machines).then_some("sh");
        let (shell, _events) = enter(&endpoint, machines, command).await.unwrap();
        assert!(shell.say(b"PS1=; stty -echo; echo re''ady\n").await);
        heard(&shell, "ready\r\n").await;
        assert!(shell.say(b"stty size; pwd; echo do''ne\n").await);
        let said = heard(&shell, "done\r\n").await;
        assert!(said.ends_with("57 211\r\n/tmp\r\ndone\r\n"), "{said:?}");
        shell.resize(WindowSize { columns: 40, rows: 10 });
        assert!(shell.say(b"stty size; exit\n").await);
        assert_eq!(heard(&shell, "").await, "10 40\r\n");
        assert!(!shell.say(b"more").await);
    }
}

#[tokio::test]
async fn bytes_come_back_as_they_went_whatever_the_network_does() {
    for faults in
        ["unpaced", "unpaced,loss=3%,duplicate=3%,reorder=10%", "unpaced,cut=150ms", "unpaced,close=200ms"]
    {
        let (endpoint, _system) = endpoint(false, faults, "/").await;
        let count = 120_000;
        let command = format!("sh -c 'stty raw -echo; printf R; head -c {count}'");
        let (shell, _events) = enter(&endpoint, false, Some(&command)).await.unwrap();
        let all: Vec<u8> =
            (0..count).map(|at: usize| u8::try_from((at * 7 + at / 251) % 256).unwrap()).collect();
        let mut back = Vec::new();
        while back != b"R" {
            let Some(Arrived::Output(piece)) = shell.hear().await else { panic!("{faults}: over") };
            back.extend_from_slice(&piece);
        }
        back.clear();
        let hear = async {
            while let Some(Arrived::Output(piece)) = shell.hear().await {
                back.extend_from_slice(&piece);
            }
        };
        let (said, ()) = tokio::join!(shell.say(&all), hear);
        assert!(said && back == all, "{faults}: {} of {count} bytes", back.len());
        assert_eq!(shell.over().await, Over::Closed { output: String::new() }, "{faults}");
    }
}

#[tokio::test]
async fn what_cannot_be_started_is_said_in_the_agents_words() {
    let (endpoint, _system) = endpoint(false, "unpaced", "/no/such/folder").await;
    let (shell, _events) = enter(&endpoint, false, Some("sh")).await.unwrap();
    assert_eq!(heard(&shell, "").await, "");
    let over = shell.over().await;
    assert!(
        matches!(&over, Over::Closed { output } if output.starts_with("Unable to start command")),
        "{over:?}"
    );
}

#[tokio::test]
async fn a_shell_that_is_closed_is_ended_there() {
    let (endpoint, _system) = endpoint(false, "unpaced", "/").await;
    let (shell, _events) = enter(&endpoint, false, Some("sh -c 'echo $$; exec sleep 100000'")).await.unwrap();
    let pid = heard(&shell, "\r\n").await;
    let process = format!("/proc/{}", pid.trim());
    assert!(Path::new(&process).exists());
    shell.close().await;
    settled(&endpoint, 0).await;
    while Path::new(&process).exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_task_is_taken_by_the_beginning_of_its_id_and_another_is_refused_with_those_that_there_are() {
    let (endpoint, _system) = endpoint(false, "unpaced", "/").await;
    for target in endpoint.targets() {
        let task = target.split('_').nth(1).unwrap();
        let found = find(&endpoint, &sought(false, task.get(..8))).await.unwrap();
        assert_eq!(found.inside.target().as_str(), target);
        let by_target = find(&endpoint, &ShellSought::Target(target.parse().unwrap())).await.unwrap();
        assert_eq!(by_target.inside, found.inside);
    }
    let error = find(&endpoint, &sought(false, Some("x"))).await.unwrap_err();
    assert!(matches!(&error, WayError::NoSuchTask { there, .. } if there.len() == 2), "{error}");
}

#[tokio::test]
async fn a_task_that_is_gone_by_the_time_is_not_connected() {
    let (endpoint, system) = endpoint(false, "unpaced", "/").await;
    let found = find(&endpoint, &sought(false, None)).await.unwrap();
    system.send_modify(|system| match &mut system.shape {
        Shape::Fargate { exec, .. } => *exec = false,
        Shape::Ec2 { .. } => panic!("it has tasks"),
    });
    let place = way::Place::new("us-east-1", "");
    let control = ShellControl::new(account(&endpoint), place, found.inside, Some("sh".to_owned()));
    let error = shell::enter(control, None, &Terminations::default()).await.unwrap_err();
    assert!(matches!(error, TunnelError::Control(ControlError::NotConnected { .. })), "{error}");
    assert!(error.help().join("\n").contains("ssmmessages:CreateControlChannel"), "{:?}", error.help());
}
