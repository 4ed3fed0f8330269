//! What stands in the way of a conversation that is not there, in words.

use std::collections::BTreeSet;

use terrace_aws::inventory::ItemId;
use terrace_proof::reach::{Block, Claim, ClassId, Must, Through, Turn};
use terrace_proof::space::{PacketSet, Rests, Traffic};
use terrace_proof::world::{BalancerId, Party, SubnetId};

use crate::Subject;

/// As many as a person would read.
const MOST: usize = 6;

/// The smallest sets of things that keep one from conversing directly with another; each line is enough if all of it is changed.
/// `only`: those of these packets.
pub(crate) fn reasons(
    subject: &Subject<'_>,
    from: &[Party],
    to: &[Party],
    traffic: &[Traffic],
    only: Option<&PacketSet>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to))) {
        let (through, must) = (Through::Nobody, Must::NotReach);
        let wanted = subject.bounds.wanted(&Claim { from, to, traffic: traffic.to_vec(), through, must });
        let wanted = only.map_or(wanted.clone(), |only| wanted.intersection(only));
        for set in subject.bounds.least.blocked(from, to, &wanted) {
            let words: BTreeSet<String> = set.iter().map(|block| subject.says(block)).collect();
            let line = words.into_iter().collect::<Vec<_>>().join("; and ");
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.truncate(MOST);
    lines
}

fn name(of: Option<&ItemId>) -> String {
    of.map_or_else(|| "something".to_owned(), |item| format!("`{item}`"))
}

fn at<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(usize::try_from(number).ok()?)
}

impl Subject<'_> {
    fn interfaces(&self, class: ClassId) -> String {
        let site = self.bounds.least.class(class).and_then(|class| self.lifted.site(class.site));
        name(site.map(|site| &site.item))
    }

    fn in_subnet(&self, subnet: SubnetId) -> String {
        name(self.lifted.subnet(subnet))
    }

    fn balancer(&self, id: BalancerId) -> String {
        let site =
            at(&self.lifted.world.balancers, id.0).and_then(|balancer| self.lifted.site(balancer.site));
        name(site.map(|site| &site.item))
    }

    fn entries(&self, by: &Rests) -> String {
        let says: Vec<&str> =
            by.rules().iter().filter_map(|rule| Some(self.lifted.rule(*rule)?.says.as_str())).collect();
        if says.is_empty() { "no entry allows it".to_owned() } else { says.join(", ") }
    }

    /// A block in words.
    pub(crate) fn says(&self, block: &Block) -> String {
        let leg = |leg: &Turn| match leg {
            Turn::There => "",
            Turn::Back => " for the answers",
        };
        match block {
            Block::GuardOut(class) => {
                format!("the groups of {} let nothing of it out", self.interfaces(*class))
            }
            Block::GuardIn(class) => {
                format!("the groups of {} let nothing of it in", self.interfaces(*class))
            }
            Block::GuardOfNat(nat) => {
                format!("the groups of {} let nothing of it through", name(at(&self.lifted.nats, nat.0)))
            }
            Block::AclOut { subnet, acl, leg: of, by } => format!(
                "{} lets nothing of it out of {}{}: {}",
                name(at(&self.lifted.acls, acl.0)),
                self.in_subnet(*subnet),
                leg(of),
                self.entries(by)
            ),
            Block::AclIn { subnet, acl, leg: of, by } => format!(
                "{} lets nothing of it into {}{}: {}",
                name(at(&self.lifted.acls, acl.0)),
                self.in_subnet(*subnet),
                leg(of),
                self.entries(by)
            ),
            Block::NoRoute { subnet, table, leg: of } => {
                let table = table.and_then(|table| at(&self.lifted.tables, table.0));
                let table = table.map_or_else(String::new, |table| format!(" (`{table}`)"));
                format!("no route leads there from {}{table}{}", self.in_subnet(*subnet), leg(of))
            }
            Block::NoTransitRoute(transit) => {
                format!("{} does not lead there", name(at(&self.lifted.transits, transit.0)))
            }
            Block::NotConnected(one, other) => format!(
                "nothing connects {} with {}",
                name(at(&self.lifted.networks, one.0)),
                name(at(&self.lifted.networks, other.0))
            ),
            Block::NoGateway(network) => {
                format!("{} has no internet gateway", name(at(&self.lifted.networks, network.0)))
            }
            Block::NoPublicAddress(class) => format!("{} has no public address", self.interfaces(*class)),
            Block::NoListener(balancer) => format!("{} has no listener for it", self.balancer(*balancer)),
            Block::NoTarget(balancer) => {
                format!("no listener of {} forwards it there", self.balancer(*balancer))
            }
            Block::ZoneNotEnabled(balancer, subnet) => {
                format!(
                    "{} is not enabled in the zone of {}",
                    self.balancer(*balancer),
                    self.in_subnet(*subnet)
                )
            }
            Block::NoClient(balancer) => {
                format!("nobody comes to {} whom the target would let in", self.balancer(*balancer))
            }
            Block::NotListening => "nothing listens there".to_owned(),
            Block::NoInterface => "one of the two has no network interface".to_owned(),
            Block::OpensNone => "it opens no connections there at all".to_owned(),
            Block::NoAddress => "the two have no address in a common family".to_owned(),
        }
    }
}
