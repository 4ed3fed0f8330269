//! Distributions and where they fetch from.
//!
//! Source: Amazon CloudFront Developer Guide, "Restrict access with VPC origins", "Restrict access to Application Load
//! Balancers" (a header that only the distribution knows).

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::PortSpan;
use terrace_proof::world::{Distribution, ExternalId, Fact, Origin, SiteId, When};

use super::ask;
use super::lifted::{OriginName, OriginTo, SiteKind};
use super::lifting::Lifting;
use super::listeners::SecretHeader;
use super::lists::CDN;

const VPC_ORIGINS: &[&str] = &["aws_cloudfront_vpc_origin"];
const SOURCES: &[&str] = &[
    "aws_lb",
    "aws_alb",
    "aws_elb",
    "aws_instance",
    "aws_eip",
    "aws_s3_bucket",
    "aws_s3_bucket_website_configuration",
    "aws_lambda_function_url",
    "aws_apigatewayv2_api",
    "aws_api_gateway_rest_api",
    "aws_mediastore_container",
];

impl<'a> Lifting<'a> {
    pub(super) fn distributions(&mut self, secrets: &[SecretHeader]) {
        let all = self.all(&["aws_cloudfront_distribution"]);
        if all.is_empty() {
            return;
        }
        let cdn = self.service(CDN);
        for item in all {
            self.distribution(item, cdn, secrets);
        }
    }

    fn distribution(&mut self, item: &'a Item, cdn: ExternalId, secrets: &[SecretHeader]) {
        let view = item.view();
        let site = self.add_site(item.id(), SiteKind::Distribution, None);
        let mut when = self.presence(item);
        match ask::bool(view, "enabled") {
            Told::Is(false) => {
                when = when.and(&When::on(self.unknown(format!("whether {} is enabled", item.id()))))
            }
            Told::Unknown(of) => when = when.and(&When::Perhaps(self.unknowns(&of))),
            Told::Is(true) | Told::Nothing => {}
        }
        let mut origins = Vec::new();
        for (index, block) in ask::blocks(view, "origin").into_iter().enumerate() {
            let path = format!("origin[{index}]");
            self.origin(item.id(), site, &path, block, secrets, &mut origins);
        }
        self.out.world.add_distribution(Distribution { site, cdn, origins, when });
    }

    fn origin(
        &mut self,
        item: &ItemId,
        distribution: SiteId,
        path: &str,
        block: View<'a>,
        secrets: &[SecretHeader],
        origins: &mut Vec<Fact<Origin>>,
    ) {
        let private = ask::blocks(block, "vpc_origin_config").first().copied();
        let named = match private {
            Some(config) => self.behind(config),
            None => {
                self.named(block, "domain_name", SOURCES).into_iter().map(|named| (named, None)).collect()
            }
        };
        for (to, endpoint) in named {
            let known = self.sites.get(&to.is).copied();
            let name = match known {
                Some(site) => OriginTo::Site(site),
                None if self.item(&to.is).is_some() => OriginTo::Item(to.is.clone()),
                None => OriginTo::Elsewhere(to.is.name().to_owned()),
            };
            self.out.origins.push(OriginName { distribution, path: path.to_owned(), to: name });
            let Some(site) = known else { continue };
            let secret_header = sends_secret(block, secrets, site);
            let config = endpoint.or_else(|| ask::blocks(block, "custom_origin_config").first().copied());
            for (port, when) in self.origin_ports(config) {
                let over = if private.is_some() { "inside of the network" } else { "over the internet" };
                let id =
                    self.rule(item, path, format!("fetches from {} on tcp {} {over}", to.is, port.first()));
                let is = Origin { id, site, ports: port, private: private.is_some(), secret_header };
                origins.push(Fact { is, when: when.and(&to.when) });
            }
        }
    }

    /// Who is behind a VPC origin, and the block that says on which ports.
    fn behind(&mut self, config: View<'a>) -> Vec<(Fact<ItemId>, Option<View<'a>>)> {
        let mut all = Vec::new();
        for origin in self.named(config, "vpc_origin_id", VPC_ORIGINS) {
            let Some(item) = self.item(&origin.is) else {
                all.push((origin, None));
                continue;
            };
            for endpoint in ask::blocks(item.view(), "vpc_origin_endpoint_config") {
                for to in self.named(endpoint, "arn", SOURCES) {
                    let when = to.when.and(&origin.when);
                    all.push((Fact { is: to.is, when }, Some(endpoint)));
                }
            }
        }
        all
    }

    fn origin_ports(&mut self, config: Option<View<'a>>) -> Vec<(PortSpan, When)> {
        let Some(config) = config else { return vec![(one(80), When::Always), (one(443), When::Always)] };
        let mut port = |argument: &str, default: u16| match ask::int(config, argument) {
            Told::Is(port) => (u16::try_from(port).map_or(PortSpan::ALL, one), When::Always),
            Told::Nothing => (one(default), When::Always),
            Told::Unknown(of) => (PortSpan::ALL, When::Perhaps(self.unknowns(&of))),
        };
        let (plain, secure) = (port("http_port", 80), port("https_port", 443));
        match ask::literal(config, "origin_protocol_policy") {
            Told::Is(word) if word == "http-only" => vec![plain],
            Told::Is(word) if word == "https-only" => vec![secure],
            Told::Is(_) | Told::Nothing => vec![plain, secure],
            Told::Unknown(of) => {
                let when = When::Perhaps(self.unknowns(&of));
                [plain, secure].into_iter().map(|(span, w)| (span, w.and(&when))).collect()
            }
        }
    }
}

fn one(port: u16) -> PortSpan {
    PortSpan::new(port, port).unwrap_or(PortSpan::ALL)
}

/// Whether an origin's headers have one that its balancer's rules ask for.
fn sends_secret(block: View<'_>, secrets: &[SecretHeader], to: SiteId) -> bool {
    let wanted = || secrets.iter().filter(|secret| secret.balancer == to);
    ask::blocks(block, "custom_header").into_iter().any(|header| {
        let name = ask::word(header, "name").map(|name| name.to_ascii_lowercase());
        let value = ask::text(header, "value").known();
        wanted().any(|secret| {
            let same = |own: &terrace_aws::Text| value.as_ref() == Some(own);
            Some(&secret.name) == name.as_ref() && secret.values.iter().any(same)
        })
    })
}
