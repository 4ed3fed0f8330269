//! The topic that alarms go to, and those who get its messages.

use crate::catalog::limits;
use crate::catalog::managed::CLOUDFRONT_CERTIFICATE_REGION as EVERYWHERE;
use crate::lower::secrets::{self, Secrets};
use crate::lower::{Draft, arns, budget, endpoints, page};
use crate::resource::{KmsKey, SubscriptionProtocol, Topic, TopicPolicy, TopicSubscription};
use crate::{Arn, Concern, PolicyDocument, PrincipalKind, Ref, Statement, Text};
use terrace_topology::Region;

/// Where messages go.
pub(crate) struct Topics {
    /// Of the system's own region.
    pub(crate) main: Ref<Topic>,
    /// Of the region in which CloudFront is measured, if there is a CDN: an alarm tells topics of its own region only.
    pub(crate) cdn: Option<(Ref<Topic>, Region)>,
}

pub(super) fn lower(draft: &mut Draft<'_>, secrets: &Secrets) -> Topics {
    let own = draft.topology.region.clone();
    let main = topic(draft, "main", &own, &secrets.key);
    let cdn =
        draft.has(&page::distribution()).then(|| EVERYWHERE.parse::<Region>().ok()).flatten().map(|region| {
            if region == own {
                return (main.clone(), region);
            }
            let key = secrets::key_for_alarms(draft, "cdn", &region);
            (topic(draft, "cdn", &region, &key), region)
        });
    Topics { main, cdn }
}

fn topic(draft: &mut Draft<'_>, label: &str, region: &Region, key: &Ref<KmsKey>) -> Ref<Topic> {
    let part =
        if label == "main" { secrets::ALARMS.to_owned() } else { format!("{}-{label}", secrets::ALARMS) };
    let (name, tags) = (draft.naming.of(&part, limits::TOPIC), draft.name_tag(&part));
    let place = draft.place(Concern::Observability, &[label]).in_region(region.clone());
    let place = match label {
        "main" => place,
        _ => place.why(format!(
            "CloudFront is measured in {region}, and alarms tell topics of their own region only."
        )),
    };
    let topic =
        place.put(Topic { name: Text::from(name), kms_master_key_id: Some(key.attribute::<Arn>()), tags });
    let mut statements = vec![publish("Alarms", "cloudwatch.amazonaws.com", &topic).when(
        "StringEquals",
        "aws:SourceAccount",
        [endpoints::account()],
    )];
    if label == "main" {
        let rules = arns::regional(draft, "events", &format!("rule/{}-*", draft.naming.stem()));
        statements.push(publish("Events", "events.amazonaws.com", &topic).when(
            "ArnLike",
            "aws:SourceArn",
            [rules],
        ));
        if budget::tells_the_topic(draft) {
            statements.push(publish("Budgets", "budgets.amazonaws.com", &topic).when(
                "StringEquals",
                "aws:SourceAccount",
                [endpoints::account()],
            ));
        }
    }
    draft
        .place(Concern::Observability, &[label])
        .in_region(region.clone())
        .put(TopicPolicy { arn: topic.attribute(), policy: PolicyDocument::Statements(statements) });
    if let Some(address) = &draft.topology.alerts {
        let endpoint = Text::from(address.as_str());
        draft
            .place(Concern::Observability, &[label])
            .in_region(region.clone())
            .why("Whoever reads that address has to confirm once.")
            .put(TopicSubscription {
                topic_arn: topic.attribute(),
                protocol: SubscriptionProtocol::Email,
                endpoint,
            });
    }
    topic
}

fn publish(sid: &str, service: &str, topic: &Ref<Topic>) -> Statement {
    Statement::allow(sid, ["sns:Publish"])
        .to(PrincipalKind::Service, service)
        .on([Text::from(topic.attribute::<Arn>())])
}
