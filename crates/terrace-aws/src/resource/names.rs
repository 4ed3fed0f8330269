//! Names in the DNS, and certificates for them.

use crate::define::{block, resource, words};
use crate::{Arn, Block, Fqdn, Ref, Text, ZoneId};

use super::Tags;

words! {
    /// How whoever asks for a certificate shows that the name is theirs.
    ValidationMethod {
        Dns = "DNS",
        Email = "EMAIL",
    }
    /// What a record says.
    RecordType {
        A = "A",
        Aaaa = "AAAA",
        Cname = "CNAME",
        Txt = "TXT",
    }
}

block! {
    /// A record that follows the addresses of something of AWS.
    Alias {
        name: Text,
        zone_id: Text,
        evaluate_target_health: bool,
    }
}

resource! {
    /// A zone of the DNS; somebody else keeps it.
    HostedZone(Data "aws_route53_zone") {
        name: Text,
        private_zone: Option<bool>,
    }

    /// A record.
    DnsRecord(Managed "aws_route53_record") {
        zone_id: Ref<HostedZone, ZoneId>,
        name: Text,
        r#type: RecordType,
        ttl: Option<u32>,
        records: Vec<Text>,
        allow_overwrite: Option<bool>,
        alias: Option<Block<Alias>>,
    }

    /// A certificate.
    Certificate(Managed "aws_acm_certificate") {
        domain_name: Text,
        validation_method: ValidationMethod,
        tags: Tags,
    }

    /// A certificate that is issued: what uses it waits for this.
    CertificateValidation(Managed "aws_acm_certificate_validation") {
        certificate_arn: Ref<Certificate, Arn>,
        validation_record_fqdns: Vec<Ref<DnsRecord, Fqdn>>,
    }
}
