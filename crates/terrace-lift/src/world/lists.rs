//! Prefix lists: one's own, which have entries, and those that AWS keeps, which name a service.
//!
//! Source: Amazon VPC User Guide, "AWS-managed prefix lists".

use terrace_aws::inventory::{ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::{AddressBlock, GroupId};
use terrace_proof::world::{External, ExternalId, Group, Unknowns, When, internet};

use super::ask;
use super::blocks::{Block, EVERYWHERE};
use super::lifted::ExternalKind;
use super::lifting::Lifting;

pub(super) const LISTS: &[&str] = &["aws_ec2_managed_prefix_list", "aws_prefix_list", "aws_vpc_endpoint"];

/// From where CloudFront comes to origins.
pub(super) const CDN: &str = "cloudfront.origin-facing";

/// The ids of that list, which differ from region to region and are everyone's: ap-northeast-1, ap-northeast-2, ap-south-1,
/// ap-southeast-1, ap-southeast-2, ca-central-1, eu-central-1, eu-north-1, eu-west-1, eu-west-2, eu-west-3, sa-east-1,
/// us-east-1, us-east-2, us-west-1, us-west-2. Ids of S3's and DynamoDB's lists mean one in this region and the other in
/// that.
const FROM_CDN: [&str; 16] = [
    "pl-58a04531",
    "pl-22a6434b",
    "pl-9aa247f3",
    "pl-31a34658",
    "pl-b8a742d1",
    "pl-38a64351",
    "pl-a3a144ca",
    "pl-fab65393",
    "pl-4fa04526",
    "pl-93a247fa",
    "pl-75b1541c",
    "pl-5da64334",
    "pl-3b927c52",
    "pl-b6a144df",
    "pl-4ea04527",
    "pl-82a045eb",
];

/// The service of a name such as `com.amazonaws.eu-west-1.s3`: what comes behind the region.
fn service_of(name: &Text) -> Option<String> {
    let text = match name.literal() {
        Some(literal) => literal.to_owned(),
        None => name.to_string(),
    };
    let (_, rest) = text.split_once("amazonaws.")?;
    let (_, service) = rest.split_once('.')?;
    // `${data.aws_region.current.name}` has dots of its own.
    let service = service.rsplit_once("}.").map_or(service, |(_, behind)| behind);
    (!service.contains(['$', '{', '}']) && !service.is_empty()).then(|| service.to_owned())
}

impl Lifting<'_> {
    /// The service that an argument's name is of.
    pub(super) fn service_named(&mut self, view: View<'_>, argument: &str) -> Option<ExternalId> {
        let name = ask::text(view, argument).known()?;
        let looked_up = || {
            let item = self.item(name.references().next()?.item()?)?;
            ask::word(item.view(), "service")
                .or_else(|| service_of(&ask::text(item.view(), "service_name").known()?))
        };
        let service = service_of(&name).or_else(looked_up)?;
        Some(self.service(&service))
    }

    /// A service of AWS, as someone outside.
    pub(super) fn service(&mut self, service: &str) -> ExternalId {
        if let Some(known) = self.externals.get(service) {
            return *known;
        }
        let id = self.out.world.add_external(External { addresses: internet(), on_internet: true });
        self.out.externals.push(service.to_owned());
        let kind = if service == CDN { ExternalKind::Cdn } else { ExternalKind::Service };
        self.out.external_kinds.push(kind);
        self.externals.insert(service.to_owned(), id);
        id
    }

    /// The group by which rules name an external.
    pub(super) fn external_group(&mut self, external: ExternalId, name: &ItemId) -> GroupId {
        if let Some(known) = self.external_groups.get(&external) {
            return *known;
        }
        let id = self.out.world.add_group(Group::External(external));
        self.out.groups.push(name.clone());
        self.external_groups.insert(external, id);
        id
    }

    /// The external that a list stands for, if AWS keeps it.
    pub(super) fn kept_by_aws(&mut self, list: &ItemId) -> Option<ExternalId> {
        if FROM_CDN.contains(&list.name()) {
            return Some(self.service(CDN));
        }
        let item = self.item(list)?;
        if list.type_name() == "aws_vpc_endpoint" {
            return self.service_named(item.view(), "service_name");
        }
        let by_name = self.service_named(item.view(), "name");
        if by_name.is_some() || list.mode() == Mode::Managed {
            return by_name;
        }
        for filter in ask::blocks(item.view(), "filter") {
            if ask::word(filter, "name").as_deref() == Some("prefix-list-name")
                && let Told::Is(values) = filter.texts("values")
                && let Some(service) = values.first().and_then(service_of)
            {
                return Some(self.service(&service));
            }
        }
        None
    }

    /// A list's blocks, or what they depend on.
    pub(super) fn entries(&mut self, list: &ItemId) -> Result<Vec<(AddressBlock, When)>, Unknowns> {
        let item = self.item(list).filter(|item| item.id().mode() == Mode::Managed);
        let Some(item) = item else { return Err(self.not_told(list)) };
        let mut all = Vec::new();
        match item.view().blocks("entry") {
            Told::Nothing => {}
            Told::Is(entries) => {
                for entry in entries {
                    self.entry(entry, &When::Always, &mut all);
                }
            }
            Told::Unknown(of) => return Err(self.unknowns(&of)),
        }
        for entry in self.all(&["aws_ec2_managed_prefix_list_entry"]) {
            let named = self.named(entry.view(), "prefix_list_id", LISTS);
            if let Some(to) = named.iter().find(|to| to.is == *list) {
                let when = self.presence(entry).and(&to.when);
                self.entry(entry.view(), &when, &mut all);
            }
        }
        Ok(all)
    }

    fn entry(&mut self, view: View<'_>, when: &When, all: &mut Vec<(AddressBlock, When)>) {
        let text = match ask::text(view, "cidr") {
            Told::Nothing => return,
            Told::Is(text) => text,
            Told::Unknown(of) => Text::opaque(of),
        };
        match self.block(&text) {
            Block::Is(block) => {
                let matching = self.matching(block);
                all.extend(matching.into_iter().map(|(b, w)| (b, w.and(when))));
            }
            Block::Unknown(unknowns) => {
                let when = when.and(&When::Perhaps(unknowns));
                all.extend(EVERYWHERE.map(|b| (b, when.clone())));
            }
        }
    }
}
