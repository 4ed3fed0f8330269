//! The picture for a design review.

use terrace_aws::ResourceGraph;
use terrace_topology::{Capacity, Egress, Entrance, Flow, PartyName, Shape, Tier, Topology};

use crate::canvas::{Area, Canvas};
use crate::scene::{carried, database, ports_of, server, zone_names};

pub(crate) const LEFT: i32 = 150;
const COLUMN: i32 = 250;
const GAP: i32 = 30;
pub(crate) const SIDE: i32 = 210;
const BOX: i32 = 52;

/// The system as an SVG document.
pub fn svg(topology: &Topology, graph: &ResourceGraph) -> String {
    Picture::new(topology, graph).draw()
}

pub(crate) struct Picture<'a> {
    graph: &'a ResourceGraph,
    pub(crate) topology: &'a Topology,
    zones: Vec<String>,
    flows: Vec<Flow>,
    pub(crate) canvas: Canvas,
}

/// Where the boxes of one row are.
pub(crate) struct Row {
    pub(crate) boxes: Vec<Area>,
}

impl<'a> Picture<'a> {
    fn new(topology: &'a Topology, graph: &'a ResourceGraph) -> Self {
        Self { graph, topology, zones: zone_names(graph), flows: topology.flows(), canvas: Canvas::default() }
    }

    fn columns(&self) -> i32 {
        i32::from(self.topology.zones.count())
    }

    fn column(&self, zone: i32) -> i32 {
        LEFT + 30 + zone * (COLUMN + GAP)
    }

    /// The width of all columns.
    pub(crate) fn span(&self) -> i32 {
        self.columns() * COLUMN + (self.columns() - 1) * GAP
    }

    fn wide(&self, y: i32) -> Area {
        Area { x: self.column(0), y, width: self.span(), height: 40 }
    }

    pub(crate) fn flow(&self, from: &PartyName, to: &PartyName) -> Vec<Flow> {
        self.flows.iter().filter(|flow| flow.from() == from && flow.to() == to).cloned().collect()
    }

    /// The ports of these flows and what they carry: `443 /api/*`.
    pub(crate) fn words(flows: &[Flow]) -> String {
        let ports: Vec<String> = flows.iter().map(|flow| flow.port().to_string()).collect();
        let what = flows.first().map(carried).unwrap_or_default();
        format!("{} {what}", ports.join(", "))
    }

    /// What travels to a load balancer that stands in a flow's way, by the ports on which it listens.
    pub(crate) fn words_to(&self, balancer: &str, flows: &[Flow]) -> String {
        let ports: Vec<String> = ports_of(self.graph, balancer).iter().map(ToString::to_string).collect();
        format!("{} {}", ports.join(", "), flows.first().map(carried).unwrap_or_default())
    }

    pub(crate) fn about(flows: &[Flow]) -> String {
        let each: Vec<String> = flows
            .iter()
            .map(|flow| format!("{} to {} on {}: {}", flow.from(), flow.to(), flow.port(), carried(flow)))
            .collect();
        each.join("; ")
    }

    fn draw(mut self) -> String {
        let topology = self.topology;
        let width = LEFT + 60 + self.span() + SIDE + 60;
        let environment = topology.environment.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let title = format!("{}{environment}", topology.name);
        self.canvas.text("title", "start", 24, 38, &title);
        let shape = match topology.shape {
            Shape::Machines => "ec2",
            Shape::Containers => "fargate",
        };
        let domain = topology.domain.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
        let subtitle = format!("shape {shape} · {}{domain}", topology.region);
        self.canvas.text("sub", "start", 24, 58, &subtitle);

        let middle = self.column(0) + self.span() / 2;
        let internet = Area { x: middle - 90, y: 24, width: 180, height: 44 };
        self.canvas.labelled("outside", internet, "Internet", "");
        let (entrance, top) = self.outside(internet);
        let (tiers, bottom) = self.tiers(top);
        self.arrows(internet, entrance, &tiers);
        self.side(&tiers, top);
        let note = "Arrows are the only connections that the security groups let through, with their ports.";
        self.canvas.text("sub", "start", 24, bottom + 34, note);
        let title = format!("{title}: the tiers, their zones and who may reach whom");
        self.canvas.document(&title, width, bottom + 56)
    }

    /// The CDN and the bucket, if there are any, between the internet and the network.
    fn outside(&mut self, internet: Area) -> (Option<Area>, i32) {
        if self.topology.entrance != Entrance::Cdn {
            return (None, internet.bottom() + 62);
        }
        let y = internet.bottom() + 48;
        let cdn = Area { x: internet.centre() - 110, y, width: 220, height: 48 };
        self.canvas.labelled("outside", cdn, "CloudFront", "HTTPS, caching, headers");
        let keeps_files = self.topology.shape == Shape::Containers
            || self.topology.web.assets == terrace_topology::Assets::Cdn;
        if keeps_files {
            let bucket = Area { x: cdn.right() + 120, y, width: 180, height: 48 };
            self.canvas.labelled("outside", bucket, "S3 bucket", "private: the page");
            let flows = self.flow(&PartyName::entrance(), &PartyName::web());
            let points = [(cdn.right(), cdn.middle()), (bucket.x, cdn.middle())];
            self.canvas.arrow("flow", &points, &Self::about(&flows));
            let words = if self.topology.shape == Shape::Containers {
                Self::words(&flows)
            } else {
                "443 /assets/*".to_owned()
            };
            self.canvas.port(cdn.right() + 60, cdn.middle() - 6, "middle", &words);
        }
        (Some(cdn), y + 48 + 62)
    }

    /// The network with its terraces; gives back the rows from the outside in.
    fn tiers(&mut self, top: i32) -> (Tiers, i32) {
        let topology = self.topology;
        let machines = topology.shape == Shape::Machines;
        let behind_cdn = machines && topology.entrance == Entrance::Cdn;
        let heights = [118, if behind_cdn { 184 } else { 118 }, if machines { 196 } else { 118 }, 126];
        let fills = ["#e9f3ea", "#d9ebdc", "#c8e2cd", "#b5d8bd"];
        let total: i32 = heights.iter().sum::<i32>() + 3 * 10;
        let vpc = Area { x: LEFT - 126, y: top - 18, width: self.span() + 186, height: total + 52 };
        self.canvas.rectangle("vpc", vpc, 12);
        let label = format!("VPC {}", topology.network.block);
        self.canvas.text("name", "start", vpc.x + 16, vpc.bottom() - 8, &label);
        let mut rows = Tiers::default();
        let mut y = top + 14;
        for ((tier, height), fill) in Tier::ALL.into_iter().zip(heights).zip(fills) {
            let band = Area { x: LEFT - 112, y, width: self.span() + 158, height };
            self.canvas.band(fill, band);
            self.canvas.text("tier", "start", band.x + 14, y + 26, tier.name());
            self.subnets(tier, y, height);
            self.terrace(tier, y, height, &mut rows);
            y += height + 10;
        }
        let names = self.zones.clone();
        for (zone, name) in (0..).zip(names) {
            self.canvas.text("sub", "middle", self.column(zone) + COLUMN / 2, vpc.bottom() - 7, &name);
        }
        (rows, vpc.bottom())
    }

    fn subnets(&mut self, tier: Tier, y: i32, height: i32) {
        let blocks = self.topology.network.blocks(tier, self.topology.zones);
        for (zone, block) in (0..).zip(blocks) {
            let area = Area { x: self.column(zone), y: y + 8, width: COLUMN, height: height - 16 };
            self.canvas.rectangle("subnet", area, 6);
            self.canvas.text("sub", "end", area.right() - 8, area.bottom() - 7, &block.to_string());
        }
    }

    /// What stands in a tier.
    fn terrace(&mut self, tier: Tier, y: i32, height: i32, rows: &mut Tiers) {
        let topology = self.topology;
        let machines = topology.shape == Shape::Machines;
        match tier {
            Tier::Public => {
                if topology.entrance == Entrance::LoadBalancer {
                    let area = self.wide(y + 20);
                    self.canvas.labelled("wide", area, "public load balancer", "");
                    rows.entrance = Some(area);
                }
                self.nats(y + height, rows);
            }
            Tier::Web if machines => {
                if topology.entrance == Entrance::Cdn {
                    let area = self.wide(y + 14);
                    self.canvas.labelled("wide", area, "load balancer (VPC origin)", "");
                    rows.entrance = Some(area);
                }
                let at = if rows.entrance.is_some_and(|area| area.y > y) { y + 100 } else { y + 30 };
                rows.web =
                    self.row(at, "web", &format!("{} · {}", server(topology), many(topology.web.capacity)));
            }
            Tier::Web => {
                let area = self.wide(y + 34);
                self.canvas.labelled("wide", area, "load balancer (VPC origin)", "");
                rows.balancer = Some(area);
            }
            Tier::App => {
                if machines {
                    let area = self.wide(y + 22);
                    self.canvas.labelled("wide", area, "internal load balancer", "");
                    rows.balancer = Some(area);
                }
                let services: Vec<String> = topology.services.keys().map(ToString::to_string).collect();
                let capacity = topology.services.values().next().map(|service| many(service.capacity));
                let kind = if machines { "EC2" } else { "Fargate" };
                let below = format!("{kind} · {}", capacity.unwrap_or_default());
                let at = if machines { y + 112 } else { y + 26 };
                rows.app = self.row(at, &services.join(", "), &below);
            }
            Tier::Data => {
                let name = database(topology);
                let area = |zone: i32| Area {
                    x: self.column(zone) + 35,
                    y: y + 30,
                    width: COLUMN - 70,
                    height: BOX,
                };
                let (writer, standby) = (area(0), area(1));
                self.canvas.labelled("box", writer, &name, "writer · encrypted, TLS only");
                rows.data = Some(writer);
                if topology.database.standby {
                    let below = if machines { "standby" } else { "reader" };
                    self.canvas.labelled("box", standby, &name, below);
                    let points = [(writer.right(), writer.middle()), (standby.x, standby.middle())];
                    self.canvas.arrow("copy", &points, "replication");
                    let between = i32::midpoint(writer.right(), standby.x);
                    self.canvas.text("sub halo", "middle", between, writer.middle() - 6, "copies");
                }
            }
        }
    }

    fn row(&mut self, y: i32, name: &str, below: &str) -> Row {
        let mut boxes = Vec::new();
        for zone in 0..self.columns() {
            let area = Area { x: self.column(zone) + 45, y, width: COLUMN - 90, height: BOX };
            self.canvas.labelled("box", area, name, below);
            boxes.push(area);
        }
        Row { boxes }
    }

    fn nats(&mut self, bottom: i32, rows: &mut Tiers) {
        let out = self.topology.services.values().any(|service| service.egress == Egress::Translated);
        if !out {
            return;
        }
        let count = if self.topology.production { self.columns() } else { 1 };
        for zone in 0..count {
            let area = Area { x: self.column(zone) + 12, y: bottom - 42, width: 70, height: 26 };
            self.canvas.labelled("box", area, "NAT", "");
            rows.nats.push(area);
        }
    }
}

/// Where the rows are, from the outside in.
pub(crate) struct Tiers {
    pub(crate) entrance: Option<Area>,
    pub(crate) nats: Vec<Area>,
    pub(crate) web: Row,
    pub(crate) balancer: Option<Area>,
    pub(crate) app: Row,
    pub(crate) data: Option<Area>,
}

impl Default for Tiers {
    fn default() -> Self {
        let row = || Row { boxes: Vec::new() };
        Self { entrance: None, nats: Vec::new(), web: row(), balancer: None, app: row(), data: None }
    }
}

fn many(capacity: Capacity) -> String {
    if capacity.min() == capacity.max() {
        format!("{}", capacity.min())
    } else {
        format!("{}-{}", capacity.min(), capacity.max())
    }
}
