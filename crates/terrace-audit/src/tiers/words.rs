//! What names and tags suggest.

use super::Tier;

const ADMIN: [&str; 9] =
    ["bastion", "jump", "jumpbox", "jumphost", "vpn", "openvpn", "wireguard", "admin", "mgmt"];
const DATA: [&str; 12] = [
    "db",
    "database",
    "data",
    "mysql",
    "postgres",
    "postgresql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rds",
    "sql",
];
const WEB: [&str; 8] = ["web", "frontend", "front", "ui", "nginx", "presentation", "www", "public"];
const APP: [&str; 9] =
    ["app", "api", "backend", "back", "service", "logic", "worker", "application", "server"];

/// The tier that a name suggests: the first word of it that means one, in the order admin, data, web, app.
pub(super) fn suggested(name: &str) -> Option<(Tier, &'static str)> {
    let mut words: Vec<String> = Vec::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut word = String::new();
        for c in part.chars() {
            // `WebServer` is two words.
            if c.is_ascii_uppercase() && word.ends_with(|last: char| last.is_ascii_lowercase()) {
                words.push(std::mem::take(&mut word));
            }
            word.push(c);
        }
        words.push(word);
    }
    let words: Vec<String> = words
        .iter()
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase())
        .collect();
    let kinds: [(Tier, &[&'static str]); 4] =
        [(Tier::Admin, &ADMIN), (Tier::Data, &DATA), (Tier::Web, &WEB), (Tier::App, &APP)];
    kinds.into_iter().find_map(|(tier, known)| {
        let word = known.iter().find(|known| words.iter().any(|word| word == *known))?;
        Some((tier, *word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_tiers_by_whole_words() {
        let cases = [
            ("aws_instance.bastion", Some(Tier::Admin)),
            ("WebServerGroup", Some(Tier::Web)),
            ("items-api-1", Some(Tier::App)),
            ("aws_instance.mysql_primary", Some(Tier::Data)),
            ("wordpress-openvpn-server", Some(Tier::Admin)),
            ("aws_instance.webbing", None),
            ("aws_instance.this", None),
        ];
        for (name, tier) in cases {
            assert_eq!(suggested(name).map(|(tier, _)| tier), tier, "{name}");
        }
    }
}
