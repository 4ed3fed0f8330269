//! Whatever is read, the checker ends with an answer: no panic, no "checked" for what was not tried, no endless work.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::{Value, json};
use terrace_certificate::{Wrong, check_within, read, read_and_check};

/// A database that an application talks to, in a network with a gateway; the internet has no public address to talk to.
fn sound() -> Value {
    let rule = |group: usize| json!({"traffic": {"tcp": [5432, 5432]}, "addresses": [], "group": group, "says": "db from app"});
    let anyone = json!({"traffic": "all", "addresses": ["0.0.0.0/0"], "group": null, "says": ""});
    let route = |to: &str, origin: &str, via: &str| json!({"to": to, "origin": origin, "via": via, "perhaps": false, "says": ""});
    json!({
        "version": 1,
        "design": "a test",
        "facts": {
            "networks": [{"name": "net", "blocks": ["10.0.0.0/16"], "internet": true, "egress_only": false}],
            "subnets": [
                {"name": "app", "network": 0, "zone": 0, "table": 0, "acl": null},
                {"name": "data", "network": 0, "zone": null, "table": null, "acl": 0},
            ],
            "tables": [{
                "name": "main",
                "routes": [route("10.0.0.0/16", "local", "local"), route("0.0.0.0/0", "static", "internet")],
                "endpoints": [],
            }],
            "acls": [{
                "name": "acl",
                "inbound": [{"order": 100, "allow": true, "traffic": {"tcp": [5432, 5432]}, "block": "10.0.0.0/24", "says": ""}],
                "outbound": [{"order": 100, "allow": true, "traffic": {"tcp": [1024, 65535]}, "block": "10.0.0.0/24", "says": ""}],
            }],
            "groups": [
                {"name": "app", "external": null, "ingress": [], "egress": [anyone]},
                {"name": "db", "external": null, "ingress": [rule(0)], "egress": []},
            ],
            "nats": [], "peerings": [], "transits": [],
            "externals": [{"name": "internet", "addresses": ["1.0.0.0-9.255.255.255", "2000::/3"], "on_internet": true}],
            "sites": [
                {"name": "app", "tier": "app", "listens": null},
                {"name": "db", "tier": "data", "listens": [{"tcp": [5432, 5432]}]},
            ],
            "interfaces": [
                {"site": 0, "subnet": 0, "groups": [0], "addresses": ["10.0.0.0/24"], "public": false},
                {"site": 1, "subnet": 1, "groups": [1], "addresses": ["10.0.1.5"], "public": false},
            ],
            "balancers": [], "target_groups": [], "distributions": [],
        },
        "claims": [
            {"only_opened_by": {"site": 0, "openers": []}},
            {"only_opened_by": {"site": 1, "openers": [{"site": 0}]}},
            {"sends_nothing_to": {"site": 1, "externals": [0]}},
        ],
        "not_claimed": [],
        "unknowns": [],
    })
}

fn said(certificate: &Value) -> String {
    match read_and_check(&certificate.to_string()) {
        Ok(done) => format!("{} claims hold", done.claims),
        Err(wrong) => wrong.to_string(),
    }
}

/// With a value at a place.
fn with(place: &str, value: &Value) -> Value {
    let mut all = sound();
    *all.pointer_mut(place).unwrap() = value.clone();
    all
}

#[test]
fn a_sound_certificate_is_checked_and_its_text_is_its_own() {
    assert_eq!(said(&sound()), "3 claims hold");
    let one = read(&sound().to_string()).unwrap();
    assert_eq!(read(&one.text().unwrap()).unwrap(), one);
}

#[test]
fn each_change_is_found() {
    let cases = [
        // Without the opener who is one.
        (
            "/claims/1/only_opened_by/openers",
            json!([]),
            "a claim about `db` is wrong: `app` can open a conversation to `db`: tcp 10.0.0.0:1024 → 10.0.1.5:5432",
        ),
        // Answers that may go anywhere change nothing; an ACL that stops them makes the opener idle, and still no lie.
        ("/facts/acls/0/outbound/0/traffic", json!("all"), "3 claims hold"),
        ("/facts/acls/0/outbound", json!([]), "3 claims hold"),
        // A rule for everybody, behind which no way leads in; then with the way.
        (
            "/facts/groups/0/ingress",
            json!([{"traffic": "all", "addresses": ["2000::/3", "1.0.0.0/8"], "group": null, "says": ""}]),
            "3 claims hold",
        ),
        ("/facts/interfaces/0/public", json!(true), "3 claims hold"),
        // What nobody is.
        ("/facts/interfaces/0/subnet", json!(2), "subnet 2 is named, and there are 2, counted from 0"),
        ("/facts/interfaces/0/site", json!(9), "site 9 is named, and there are 2, counted from 0"),
        (
            "/facts/groups/1/ingress/0/group",
            json!(u64::MAX),
            "group 18446744073709551615 is named, and there are 2, counted from 0",
        ),
        (
            "/facts/tables/0/routes/1/via",
            json!({"nat": 0}),
            "translator 0 is named, and there are 0, counted from 0",
        ),
        (
            "/claims/1/only_opened_by/openers",
            json!([{"external": 1}]),
            "external 1 is named, and there are 1, counted from 0",
        ),
        // What is not claimed, or twice.
        ("/claims", json!([]), "the certificate is not complete: nothing is said of who opens `app`"),
        (
            "/claims/2/sends_nothing_to/externals",
            json!([]),
            "the certificate is not complete: nothing is said of whether `db` sends to `internet`",
        ),
        (
            "/claims/2",
            json!({"only_opened_by": {"site": 1, "openers": []}}),
            "the certificate is not complete: `db` is claimed about twice",
        ),
        ("/version", json!(2), "version 2 of certificates is not known; this program knows version 1"),
    ];
    for (place, value, expected) in cases {
        assert_eq!(said(&with(place, &value)), expected, "{place} = {value}");
    }
}

#[test]
fn a_way_in_is_found_when_it_is_whole() {
    let mut open = sound();
    *open.pointer_mut("/facts/groups/0/ingress").unwrap() =
        json!([{"traffic": {"tcp": [22, 22]}, "addresses": ["1.0.0.0/8"], "group": null, "says": ""}]);
    *open.pointer_mut("/facts/interfaces/0/public").unwrap() = json!(true);
    assert_eq!(
        said(&open),
        "a claim about `app` is wrong: `internet` can open a conversation to `app`: tcp 1.0.0.0:49152 → 10.0.0.0:22"
    );
    // The data's site sends once everything on its way out is there.
    let mut leaks = sound();
    let anyone = json!([{"traffic": "all", "addresses": ["0.0.0.0/0"], "group": null, "says": ""}]);
    *leaks.pointer_mut("/facts/groups/1/egress").unwrap() = anyone;
    *leaks.pointer_mut("/facts/interfaces/1/subnet").unwrap() = json!(0);
    assert_eq!(said(&leaks), "3 claims hold");
    *leaks.pointer_mut("/facts/interfaces/1/public").unwrap() = json!(true);
    assert_eq!(
        said(&leaks),
        "a claim about `db` is wrong: `db` can send to `internet`: icmp 0/0 10.0.1.5 → 1.0.0.0"
    );
}

#[test]
fn what_is_no_certificate_is_refused() {
    let whole = sound().to_string();
    let ends = (0..whole.len()).step_by(7).filter(|at| whole.is_char_boundary(*at));
    for end in ends {
        let cut = &whole.get(..end).unwrap();
        assert!(matches!(read_and_check(cut), Err(Wrong::Unreadable(_))), "cut at {end}");
    }
    let odd = [
        ("/facts/networks/0/blocks/0", json!("10.0.0.1/16")),
        ("/facts/networks/0/blocks/0", json!("10.0.0.0/33")),
        ("/facts/networks/0/blocks/0", json!("10.0.0.0/-1")),
        ("/facts/networks/0/blocks/0", json!("::-10.0.0.0")),
        ("/facts/networks/0/blocks/0", json!("10.0.0.9-10.0.0.1")),
        ("/facts/interfaces/0/subnet", json!(-1)),
        ("/facts/interfaces/0/subnet", json!(1e300)),
        ("/facts/sites/0/listens", json!([{"tcp": [1, 70000]}])),
        ("/facts/sites/0/tier", json!("queen")),
        ("/facts/groups/0", json!({"name": "app", "external": null, "ingress": [], "egress": [], "more": 1})),
        ("/facts", json!({})),
        ("", json!([])),
    ];
    for (place, value) in odd {
        let wrong = read_and_check(&with(place, &value).to_string());
        assert!(matches!(wrong, Err(Wrong::Unreadable(_))), "{place} = {value}: {wrong:?}");
    }
    let deep = "[".repeat(200_000);
    assert!(matches!(read_and_check(&deep), Err(Wrong::Unreadable(_))));
}

#[test]
fn every_address_is_one_of_a_run_to_the_ends() {
    for block in ["0.0.0.0/0", "::/0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"] {
        assert_eq!(said(&with("/facts/interfaces/1/addresses", &json!([block]))), "3 claims hold", "{block}");
    }
}

#[test]
fn things_that_name_each_other_in_a_circle_come_to_an_end() {
    let mut round = sound();
    let forward = |to: usize| json!([{"on": {"tcp": [1, 65535]}, "forwards": [to]}]);
    *round.pointer_mut("/facts/balancers").unwrap() = json!([
        {"site": 0, "listeners": forward(1), "zones": null},
        {"site": 1, "listeners": forward(0), "zones": [0]},
    ]);
    let targets = |site: usize| json!({"name": "", "targets": [{"site": site, "on": {"tcp": [1, 65535]}}], "keeps_client": true});
    *round.pointer_mut("/facts/target_groups").unwrap() = json!([targets(0), targets(1)]);
    assert_eq!(said(&round), "3 claims hold");
    let own = json!([{"name": "", "ends": [0, 0], "group_rules": true}]);
    assert_eq!(said(&with("/facts/peerings", &own)), "3 claims hold");
}

#[test]
fn what_is_too_much_to_try_is_refused_and_never_called_checked() {
    let mut large = sound();
    let addresses = |n: usize| format!("10.{}.{}.0/25", n / 250, n % 250);
    let rules = (0..3000).map(|n| {
        json!({"traffic": {"tcp": [n * 2, n * 2]}, "addresses": [addresses(n), format!("{}.0.0.0", n % 9 + 1)], "group": 0, "says": ""})
    });
    *large.pointer_mut("/facts/groups/0/ingress").unwrap() = rules.collect();
    *large.pointer_mut("/facts/interfaces/0/addresses").unwrap() = json!(["10.0.0.0/8"]);
    *large.pointer_mut("/facts/sites/0/tier").unwrap() = json!("data");
    *large.pointer_mut("/claims").unwrap() = json!([
        {"only_opened_by": {"site": 0, "openers": []}},
        {"only_opened_by": {"site": 1, "openers": [{"site": 0}]}},
        {"sends_nothing_to": {"site": 0, "externals": [0]}},
        {"sends_nothing_to": {"site": 1, "externals": [0]}},
    ]);
    let wrong = check_within(&read(&large.to_string()).unwrap(), 1_000_000_000);
    assert!(matches!(wrong, Err(Wrong::TooLarge(_))), "{wrong:?}");
    // Ten megabytes of interfaces that are all different.
    let interfaces = (0..60_000).map(|n| {
        json!({"site": n % 2, "subnet": 0, "groups": [0, 1], "addresses": [format!("10.0.{}.{}", n / 250, n % 250)], "public": true})
    });
    let many = with("/facts/interfaces", &interfaces.collect());
    let wrong = check_within(&read(&many.to_string()).unwrap(), 1_000_000_000);
    assert!(wrong.is_err(), "{wrong:?}");
}

/// Every place of a value, as a pointer.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, one)| places(one, &format!("{place}/{n}"), all));
        }
        Value::Object(map) => {
            map.iter().for_each(|(name, one)| places(one, &format!("{place}/{name}"), all));
        }
        _ => {}
    }
}

proptest::proptest! {
    /// Whatever stands wherever: an answer, the same twice, and what is read is written as itself.
    #[test]
    fn whatever_stands_wherever_there_is_an_answer(
        changes in proptest::collection::vec((0_usize..10_000, 0_usize..10_000, 0_u8..4), 1..6),
    ) {
        let mut all = sound();
        for (to, from, kind) in changes {
            let mut there = Vec::new();
            places(&all, "", &mut there);
            let [to, from] = [to, from].map(|n| there.get(n % there.len()).unwrap());
            let value = match kind {
                0 => json!(null),
                1 => json!(from.len() % 3),
                2 => json!({"site": 0, "external": 1}),
                _ => all.pointer(from).unwrap().clone(),
            };
            if all.to_string().len() < 100_000 {
                *all.pointer_mut(to).unwrap() = value;
            }
        }
        let text = all.to_string();
        let said = read_and_check(&text);
        proptest::prop_assert_eq!(&said, &read_and_check(&text));
        if let Ok(read) = read(&text) {
            proptest::prop_assert_eq!(&said, &read_and_check(&read.text().unwrap()));
        }
    }
}
