//! What a machine is told when it starts: where its settings are, and no secret among them.

use terrace_topology::{Engine, PartyName, Service};

use super::super::Draft;
use super::super::data::Data;
use super::super::foundation::{self, Foundation};
use super::super::secrets::Secrets;
use super::document;
use crate::{Base64Text, Json, Text};

/// The settings of the web tier's machines.
pub(super) fn web(draft: &Draft<'_>) -> Json {
    Json::object([
        ("region", Json::text(draft.topology.region.as_str())),
        ("parameters", Json::text(format!("{}/", draft.naming.path("web")))),
    ])
}

/// Where machines have the plain settings of their release.
const SETTINGS: &str = "/etc/terrace/settings.json";

/// The settings of a service's machines; the form is terrace-boot's.
pub(super) fn service(
    draft: &Draft<'_>,
    secrets: &Secrets,
    data: &Data,
    (party, service): (&PartyName, &Service),
) -> Json {
    let mut fields = vec![("region".to_owned(), Json::text(draft.topology.region.as_str()))];
    if let Some(path) = secrets.parameters.get(party) {
        fields.push(("parameters".to_owned(), Json::text(path.as_str())));
    }
    if draft.foundation == Foundation::Apart {
        fields.push(("settings".to_owned(), Json::text(SETTINGS)));
        fields.push(("port".to_owned(), Json::Int(i64::from(service.port.get()))));
    }
    let own = secrets.settings.get(party).into_iter().flatten();
    let own: Vec<(String, Json)> = own
        .map(|(name, arn)| (name.to_string(), Json::object([("secret", Json::text(arn.clone()))])))
        .collect();
    if !own.is_empty() {
        fields.push(("secrets".to_owned(), Json::Object(own)));
    }
    let engine = match draft.topology.database.engine {
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
    };
    fields.push((
        "database".to_owned(),
        Json::object([
            ("engine", Json::text(engine)),
            ("host", Json::text(data.host.clone())),
            ("port", Json::Int(i64::from(data.port.get()))),
            ("name", Json::text(data.name.as_str())),
            ("secret", Json::text(data.secret.clone())),
            ("ca", Json::text("/etc/terrace/rds-ca.pem")),
        ]),
    ));
    Json::Object(fields)
}

/// The settings as user data: cloud-init writes them to a file, and runs nothing.
pub(super) fn user_data(draft: &Draft<'_>, settings: &Json) -> Base64Text {
    let head = "#cloud-config
# Where this machine finds its settings; none of them is secret.
write_files:
  - path: /etc/terrace/boot.json
    permissions: \"0644\"
    content: |
      ";
    let text = Text::from(head).then(document::text(settings, 3)).then("\n");
    Base64Text(match draft.foundation {
        Foundation::Within => text,
        Foundation::Apart => text.then(artifacts(draft)),
    })
}

/// Where releases are, for the unit that fetches one: variables as systemd reads them.
fn artifacts(draft: &Draft<'_>) -> Text {
    let region = &draft.topology.region;
    Text::from(format!(
        "  - path: /etc/terrace/artifacts
    permissions: \"0644\"
    content: |
      AWS_DEFAULT_REGION={region}
      ARTIFACTS=s3://"
    ))
    .then(foundation::bucket(draft))
    .then(format!("/{}\n", foundation::artifacts(draft)))
}
