//! Each case comes to what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use terrace_account::{Account, Identity, Keys, Patience};
use terrace_cloud::foundation::{Care, Foundation, FoundationError, Place, System, login, prune, repository};
use terrace_cloud::preflight::{Finding, Kind, Name, Quota, Wanted, check};

use crate::case::{Case, Scripted};

const SECRET: &str = "p4ssw0rd-of-the-registry";

#[tokio::test]
async fn each_case_comes_to_what_it_says() {
    let all = Case::all();
    assert!(all.len() > 15, "the cases are there");
    let mut wrong = Vec::new();
    for case in all {
        let scripted = Scripted::start(&case);
        let outcome = outcome(&case, &scripted.address).await;
        assert!(!outcome.contains(SECRET), "{}", case.name);
        wrong.extend(case.held_to(&scripted, &outcome));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn outcome(case: &Case, address: &str) -> String {
    let region = case.value("asked in").unwrap_or("eu-west-1");
    let patience =
        Patience { silence: Duration::from_secs(20), pause: Duration::from_millis(1), broken: true };
    let keys = Keys::new("AKIDEXAMPLE", "very-secret", None);
    let account = Account::given(region, address, keys).with(patience);
    let place = Place {
        account: "123456789012".parse().unwrap(),
        region: case.value("region").unwrap_or("eu-west-1").to_owned(),
    };
    let system = System::new("items", case.value("environment")).unwrap();
    match case.value("do").unwrap() {
        "find" => {
            told(Foundation::find(&account, &place).await, |found| format!("found: {}", found.is_some()))
        }
        "bucket" => {
            let made = Foundation::ensure(&account, &place, Care::Quick, |_| {}).await;
            told(made, |found| format!("bucket: {}", found.bucket().name()))
        }
        "repository" => {
            let made = repository(&account, (&place, &system), "items-app", |_| {}).await;
            told(made, |found| format!("{found:?}"))
        }
        "login" => told(login(&account, &place).await, |login| {
            assert_eq!(login.password.as_str(), SECRET);
            format!("{} at {}", login.user, login.endpoint)
        }),
        "prune" => {
            let kept: BTreeSet<String> = case.values("keep").map(str::to_owned).collect();
            told(prune(&account, &place, "items-app", &kept).await, |gone| format!("deleted: {gone}"))
        }
        "preflight" => findings(&checked(case, &account, system, &place).await),
        other => panic!("{}: what is `{other}`?", case.name),
    }
}

fn told<T>(outcome: Result<T, FoundationError>, well: impl Fn(&T) -> String) -> String {
    match outcome {
        Ok(value) => well(&value),
        Err(error) => {
            let helps = error.help();
            format!(
                "error: {error}\n{}",
                helps.iter().map(|help| format!("help: {help}\n")).collect::<String>()
            )
        }
    }
}

fn findings(all: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { code, weight, text: told, help } in all {
        text.push_str(&format!("{weight:?} {code}: {told}\n"));
        help.iter().for_each(|help| text.push_str(&format!("  {help}\n")));
    }
    if text.is_empty() { "nothing".to_owned() } else { text }
}

async fn checked(case: &Case, account: &Account, system: System, place: &Place) -> Vec<Finding> {
    let who = Identity {
        account: case.value("who").unwrap_or("123456789012").to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/developer/anna".to_owned(),
        user_id: String::new(),
    };
    let quotas = [
        ("vpcs", Quota::Vpcs),
        ("addresses", Quota::Addresses),
        ("load balancers", Quota::LoadBalancers),
        ("task cpus", Quota::TaskCpus),
        ("machine cpus", Quota::MachineCpus),
        ("database instances", Quota::DatabaseInstances),
        ("database clusters", Quota::DatabaseClusters),
    ];
    let kinds = [
        ("role", Kind::Role),
        ("instance-profile", Kind::InstanceProfile),
        ("load-balancer", Kind::LoadBalancer),
        ("target-group", Kind::TargetGroup),
        ("bucket", Kind::Bucket),
        ("database-instance", Kind::DatabaseInstance),
        ("database-cluster", Kind::DatabaseCluster),
        ("database-subnet-group", Kind::DatabaseSubnetGroup),
        ("cluster", Kind::Cluster),
        ("scaling-group", Kind::ScalingGroup),
        ("launch-template", Kind::LaunchTemplate),
        ("log-group", Kind::LogGroup),
        ("secret", Kind::Secret),
    ];
    let more = quotas.iter().filter_map(|(word, quota)| Some((*quota, case.value(word)?.parse().unwrap())));
    let named = |name: &str| {
        let (word, name) = name.split_once(' ').unwrap();
        let kind = kinds.iter().find(|(own, _)| *own == word).unwrap().1;
        Name { kind, name: name.to_owned() }
    };
    let wanted = Wanted {
        system,
        account: case.value("account").map(|text| text.parse().unwrap()),
        region: place.region.clone(),
        own_region: case.value("own region").map(str::to_owned),
        program: case
            .value("no program")
            .map_or(Ok("Terraform 1.11.4".to_owned()), |why| Err(why.to_owned())),
        more: more.collect::<BTreeMap<Quota, u32>>(),
        names: case.values("name").map(named).collect(),
    };
    match case.value("open") {
        None => check(Ok((account, &who)), &wanted).await,
        Some(error) => {
            use terrace_account::AccountError;
            let error = match error {
                "region" => AccountError::Region,
                "credentials" => AccountError::Credentials("no provider".to_owned()),
                "refused" => AccountError::Refused("InvalidClientTokenId: the token is invalid".to_owned()),
                why => AccountError::Unreachable {
                    address: "https://sts.example".to_owned(),
                    why: why.to_owned(),
                },
            };
            check(Err(&error), &wanted).await
        }
    }
}
