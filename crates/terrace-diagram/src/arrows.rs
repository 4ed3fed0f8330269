//! The arrows of the picture: a flow each, with its ports.

use terrace_topology::{Carries, Flow, PartyName, Role};

use crate::canvas::Area;
use crate::picture::{LEFT, Picture, SIDE, Tiers};

impl Picture<'_> {
    /// A flow between rows, straight down.
    fn down(&mut self, from: Area, to: Area, flows: &[Flow], label: Option<String>) {
        if flows.is_empty() {
            return;
        }
        let x = to.centre();
        self.canvas.arrow("flow", &[(x, from.bottom()), (x, to.y)], &Self::about(flows));
        if let Some(label) = label {
            let y = i32::midpoint(from.bottom(), to.y) + 4;
            self.canvas.port(x + 8, y, "start", &label);
        }
    }

    pub(crate) fn arrows(&mut self, internet: Area, cdn: Option<Area>, tiers: &Tiers) {
        let entrance = PartyName::entrance();
        let public = self.flow(&PartyName::internet(), &entrance);
        let first = cdn.or(tiers.entrance);
        if let Some(first) = first {
            self.down(
                internet,
                Area { x: internet.x, width: internet.width, ..first },
                &public,
                Some(Self::words(&public)),
            );
        }
        let to_web = self.flow(&entrance, &PartyName::web());
        if let (Some(cdn), Some(balancer)) = (cdn, tiers.entrance) {
            self.down(
                cdn,
                Area { x: cdn.x, width: cdn.width, ..balancer },
                &to_web,
                Some(self.words_to("public", &to_web)),
            );
        }
        for (zone, web) in tiers.web.boxes.iter().enumerate() {
            if let Some(balancer) = tiers.entrance {
                self.down(balancer, *web, &to_web, (zone == 0).then(|| Self::words(&to_web)));
            }
        }
        let services: Vec<PartyName> = self.topology.services.keys().cloned().collect();
        for service in services {
            self.service_arrows(&service, cdn, tiers);
        }
    }

    fn service_arrows(&mut self, service: &PartyName, cdn: Option<Area>, tiers: &Tiers) {
        let from = if tiers.web.boxes.is_empty() { PartyName::entrance() } else { PartyName::web() };
        let calls = self.flow(&from, service);
        let sql = self.flow(service, &PartyName::database());
        if let Some(balancer) = tiers.balancer {
            for (zone, web) in tiers.web.boxes.iter().enumerate() {
                self.down(
                    *web,
                    Area { x: web.x, width: web.width, ..balancer },
                    &calls,
                    (zone == 0).then(|| self.words_to("internal", &calls)),
                );
            }
            if let (Some(cdn), true) = (cdn, tiers.web.boxes.is_empty()) {
                self.down(
                    cdn,
                    Area { x: cdn.x, width: cdn.width, ..balancer },
                    &calls,
                    Some(self.words_to("main", &calls)),
                );
            }
            for (zone, app) in tiers.app.boxes.iter().enumerate() {
                self.down(balancer, *app, &calls, (zone == 0).then(|| Self::words(&calls)));
            }
        }
        let Some(data) = tiers.data else { return };
        for (zone, app) in tiers.app.boxes.iter().enumerate() {
            let to = (data.centre() + i32::try_from(zone).unwrap_or_default() * 14, data.y);
            let points = [(app.centre(), app.bottom()), to];
            self.canvas.arrow("flow", &points, &Self::about(&sql));
            if zone == 0 {
                let y = i32::midpoint(app.bottom(), data.y) + 4;
                self.canvas.port(app.centre() - 8, y, "end", &Self::words(&sql));
            }
        }
    }

    /// The services of AWS and the way out, at the right.
    pub(crate) fn side(&mut self, tiers: &Tiers, top: i32) {
        let x = LEFT + 60 + self.span() + 30;
        let rows = [(PartyName::web(), &tiers.web), (PartyName::app(), &tiers.app)];
        let middles: Vec<i32> =
            rows.iter().filter_map(|(_, row)| row.boxes.last().map(|a| a.middle())).collect();
        let at = middles.iter().copied().min().unwrap_or(top);
        let platform = Area { x, y: at - 30, width: SIDE - 40, height: 60 };
        self.canvas.labelled("outside", platform, "Services of AWS", "settings, secrets, logs");
        let parties: Vec<_> = self.topology.parties();
        for party in parties {
            let row = match party.role() {
                Role::Web => &tiers.web,
                Role::Service => &tiers.app,
                _ => continue,
            };
            let Some(last) = row.boxes.last() else { continue };
            let flows = self.flow(party.name(), &PartyName::platform());
            if !flows.is_empty() {
                let end = last.middle().clamp(platform.y + 10, platform.bottom() - 10);
                let points: Vec<(i32, i32)> = if end == last.middle() {
                    vec![(last.right(), last.middle()), (x, end)]
                } else {
                    let turn = platform.centre() - 40;
                    vec![(last.right(), last.middle()), (turn, last.middle()), (turn, platform.bottom())]
                };
                self.canvas.arrow("flow", &points, &Self::about(&flows));
                self.canvas.port(x - 14, last.middle() - 6, "end", &Self::words(&flows));
            }
            self.outward(party.name(), *last, x, tiers);
        }
    }

    fn outward(&mut self, party: &PartyName, last: Area, x: i32, tiers: &Tiers) {
        let flows: Vec<Flow> = self
            .flow(party, &PartyName::internet())
            .into_iter()
            .filter(|f| *f.carries() == Carries::Outward)
            .collect();
        if flows.is_empty() || tiers.nats.is_empty() {
            return;
        }
        let area = Area { x, y: last.bottom() + 14, width: SIDE - 40, height: 44 };
        self.canvas.labelled("outside", area, "Internet", "through NAT, outward only");
        let y = last.bottom() - 10;
        let points = [(last.right(), y), (x - 16, y), (x - 16, area.middle()), (x, area.middle())];
        self.canvas.arrow("flow", &points, &Self::about(&flows));
        self.canvas.port(x - 22, y + 16, "end", &Self::words(&flows));
    }
}
