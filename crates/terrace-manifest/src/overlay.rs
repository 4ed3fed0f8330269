//! An environment's settings over the file's, key by key.

use std::collections::BTreeMap;

use crate::manifest::{Addresses, App, Count, Data, Exits, Page, Settings};

fn over<T: Clone>(own: &Option<T>, base: &Option<T>) -> Option<T> {
    own.as_ref().or(base.as_ref()).cloned()
}

fn merged<K: Ord + Clone, V: Clone>(own: &BTreeMap<K, V>, base: &BTreeMap<K, V>) -> BTreeMap<K, V> {
    base.iter().chain(own).map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl Settings {
    /// These settings where they say something, and those of `base` elsewhere.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        Self {
            name: over(&self.name, &base.name),
            shape: over(&self.shape, &base.shape),
            region: over(&self.region, &base.region),
            account: over(&self.account, &base.account),
            zones: over(&self.zones, &base.zones),
            production: over(&self.production, &base.production),
            architecture: over(&self.architecture, &base.architecture),
            edge: over(&self.edge, &base.edge),
            domain: over(&self.domain, &base.domain),
            zone: over(&self.zone, &base.zone),
            web: self.web.over(&base.web),
            app: self.app.over(&base.app),
            data: self.data.over(&base.data),
            egress: Exits {
                app: over(&self.egress.app, &base.egress.app),
                ports: over(&self.egress.ports, &base.egress.ports),
            },
            network: Addresses {
                cidr: over(&self.network.cidr, &base.network.cidr),
                subnets: merged(&self.network.subnets, &base.network.subnets),
            },
            alerts: over(&self.alerts, &base.alerts),
            budget: over(&self.budget, &base.budget),
            log_days: over(&self.log_days, &base.log_days),
            kept_releases: over(&self.kept_releases, &base.kept_releases),
        }
    }
}

impl Page {
    fn over(&self, base: &Self) -> Self {
        Self {
            root: over(&self.root, &base.root),
            build: over(&self.build, &base.build),
            dist: over(&self.dist, &base.dist),
            spa: over(&self.spa, &base.spa),
            server: over(&self.server, &base.server),
            machine: over(&self.machine, &base.machine),
            count: self.count.over(&base.count),
            setup: over(&self.setup, &base.setup),
            assets: over(&self.assets, &base.assets),
        }
    }
}

impl App {
    fn over(&self, base: &Self) -> Self {
        Self {
            root: over(&self.root, &base.root),
            build: over(&self.build, &base.build),
            run: over(&self.run, &base.run),
            image: over(&self.image, &base.image),
            port: over(&self.port, &base.port),
            paths: over(&self.paths, &base.paths),
            health: over(&self.health, &base.health),
            count: self.count.over(&base.count),
            concurrency: over(&self.concurrency, &base.concurrency),
            machine: over(&self.machine, &base.machine),
            cpu: over(&self.cpu, &base.cpu),
            memory: over(&self.memory, &base.memory),
            setup: over(&self.setup, &base.setup),
            files: over(&self.files, &base.files),
            runtime: over(&self.runtime, &base.runtime),
            exec: over(&self.exec, &base.exec),
            variables: merged(&self.variables, &base.variables),
            secrets: merged(&self.secrets, &base.secrets),
        }
    }
}

impl Count {
    fn over(&self, base: &Self) -> Self {
        Self {
            min: over(&self.min, &base.min),
            max: over(&self.max, &base.max),
            cpu: over(&self.cpu, &base.cpu),
        }
    }
}

impl Data {
    fn over(&self, base: &Self) -> Self {
        Self {
            engine: over(&self.engine, &base.engine),
            version: over(&self.version, &base.version),
            standby: over(&self.standby, &base.standby),
            class: over(&self.class, &base.class),
            storage: over(&self.storage, &base.storage),
            backups: over(&self.backups, &base.backups),
            protect: over(&self.protect, &base.protect),
            migrate: over(&self.migrate, &base.migrate),
        }
    }
}
