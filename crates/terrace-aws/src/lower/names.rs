//! The system's own name: its zone, the certificates for it, and the records that lead to the entrance.
//!
//! GUARANTEE: a certificate is used only once it is issued. The zone is somebody else's: looked up, never made.

use terrace_topology::{DomainName, Entrance, Region, Shape};

use super::{Draft, Refusal, codes};
use crate::catalog::{limits, managed};
use crate::resource::{
    Alias, Certificate, CertificateValidation, DnsRecord, HostedZone, RecordType, ValidationMethod,
};
use crate::{Arn, Block, CertificateArn, Concern, Fqdn, Ref, Text, ZoneId};

/// What stands behind the name.
pub(crate) struct Names {
    domain: DomainName,
    zone: Ref<HostedZone>,
    /// The certificate of the load balancer that requests come to.
    pub(crate) balancer: Ref<CertificateValidation, CertificateArn>,
    /// The certificate of the distribution.
    pub(crate) cdn: Option<Ref<CertificateValidation, CertificateArn>>,
}

impl Names {
    /// The name.
    pub(crate) const fn domain(&self) -> &DomainName {
        &self.domain
    }
}

/// The zone and the certificates, if there is a name.
pub(crate) fn certificates(draft: &mut Draft<'_>) -> Option<Names> {
    let topology = draft.topology;
    let domain = topology.domain.clone()?;
    let length = domain.as_str().len();
    if length > limits::CERTIFICATE_NAME {
        let most = limits::CERTIFICATE_NAME;
        let message =
            format!("`{domain}` has {length} characters, and the name of a certificate {most} at most");
        draft.refuse(Refusal::new(codes::DOMAIN_LENGTH, "domain", message).help("choose a shorter name"));
    }
    let Some(zone) = &topology.hosted_zone else {
        let parent = domain.as_str().split_once('.').map_or(domain.as_str(), |(_, parent)| parent);
        let zone = if parent.contains('.') { parent } else { domain.as_str() };
        draft.refuse(
            Refusal::new(
                codes::DOMAIN_ZONE,
                "domain",
                format!("`{domain}` needs a hosted zone in Route 53, where records for it are made"),
            )
            .help(format!("write `zone = \"{zone}\"`, or the zone that holds it")),
        );
        return None;
    };
    let zone = draft
        .place(Concern::Edge, &["main"])
        .why("The zone is not ours: it is there before and stays after.")
        .put(HostedZone { name: Text::from(zone.as_str()), private_zone: Some(false) });
    let home = topology.region.clone();
    let far = managed::CLOUDFRONT_CERTIFICATE_REGION.parse::<Region>().ok();
    let far = far.filter(|_| topology.entrance == Entrance::Cdn || topology.shape == Shape::Containers);
    let balancer = certificate(draft, &domain, &zone, "main", &home, None);
    let cdn = far.map(|far| {
        if far == home {
            return balancer.clone();
        }
        // One record answers for both: what ACM asks for follows from the account and the name.
        let record = Ref::<DnsRecord>::new(crate::Label::from_words(&["validation"]));
        certificate(draft, &domain, &zone, "cdn", &far, Some(&record))
    });
    Some(Names { domain, zone, balancer, cdn })
}

fn certificate(
    draft: &mut Draft<'_>,
    domain: &DomainName,
    zone: &Ref<HostedZone>,
    label: &str,
    region: &Region,
    answered: Option<&Ref<DnsRecord>>,
) -> Ref<CertificateValidation, CertificateArn> {
    let tags = draft.name_tag(label);
    let place = draft.place(Concern::Edge, &[label]).in_region(region.clone()).before_destroy();
    let place = match answered {
        Some(_) => place.why("CloudFront takes certificates of this region only."),
        None => place,
    };
    let certificate = place.put(Certificate {
        domain_name: Text::from(domain.as_str()),
        validation_method: ValidationMethod::Dns,
        tags,
    });
    let record = match answered {
        Some(record) => {
            let place = draft.place(Concern::Edge, &[label]).in_region(region.clone());
            return place
                .why("ACM asks for the same record in every region; it is there already.")
                .after(record.address())
                .put(CertificateValidation {
                    certificate_arn: certificate.attribute::<Arn>(),
                    validation_record_fqdns: Vec::new(),
                })
                .attribute();
        }
        None => {
            let option = |member: &str| {
                let wanted = certificate.only("domain_validation_options", member);
                wanted.map(Text::from).unwrap_or_default()
            };
            draft
                .place(Concern::Edge, &["validation"])
                .why("Shows ACM that the name is ours. Other environments of the same name answer the same.")
                .put(DnsRecord {
                    zone_id: zone.attribute::<ZoneId>(),
                    name: option("resource_record_name"),
                    r#type: RecordType::Cname,
                    ttl: Some(300),
                    records: vec![option("resource_record_value")],
                    allow_overwrite: Some(true),
                    alias: None,
                })
        }
    };
    draft
        .place(Concern::Edge, &[label])
        .in_region(region.clone())
        .put(CertificateValidation {
            certificate_arn: certificate.attribute::<Arn>(),
            validation_record_fqdns: vec![record.attribute::<Fqdn>()],
        })
        .attribute()
}

/// Where the name leads.
pub(crate) struct Lead {
    pub(crate) name: Text,
    pub(crate) zone: Text,
    /// Whether it has addresses of version 6 as well.
    pub(crate) ipv6: bool,
    /// Whether Route 53 can tell that it is well.
    pub(crate) told: bool,
}

/// The records that lead to the entrance.
pub(crate) fn records(draft: &mut Draft<'_>, names: &Names, lead: &Lead) {
    let kinds: &[(RecordType, &str)] = if lead.ipv6 {
        &[(RecordType::A, "main"), (RecordType::Aaaa, "main_ipv6")]
    } else {
        &[(RecordType::A, "main")]
    };
    for (kind, label) in kinds {
        draft.place(Concern::Edge, &[label]).put(DnsRecord {
            zone_id: names.zone.attribute::<ZoneId>(),
            name: Text::from(names.domain.as_str()),
            r#type: *kind,
            ttl: None,
            records: Vec::new(),
            allow_overwrite: None,
            alias: Some(Block(Alias {
                name: lead.name.clone(),
                zone_id: lead.zone.clone(),
                evaluate_target_health: lead.told,
            })),
        });
    }
}
