//! An environment's settings over the file's, key by key.

use std::collections::BTreeMap;

use crate::manifest::{App, Count, Data, Exits, Page, Settings};

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
            zones: over(&self.zones, &base.zones),
            edge: over(&self.edge, &base.edge),
            domain: over(&self.domain, &base.domain),
            web: self.web.over(&base.web),
            app: self.app.over(&base.app),
            data: Data {
                engine: over(&self.data.engine, &base.data.engine),
                version: over(&self.data.version, &base.data.version),
                standby: over(&self.data.standby, &base.data.standby),
            },
            egress: Exits { app: over(&self.egress.app, &base.egress.app) },
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
            count: Count {
                min: over(&self.count.min, &base.count.min),
                max: over(&self.count.max, &base.count.max),
                cpu: over(&self.count.cpu, &base.count.cpu),
            },
            concurrency: over(&self.concurrency, &base.concurrency),
            variables: merged(&self.variables, &base.variables),
            secrets: merged(&self.secrets, &base.secrets),
        }
    }
}
