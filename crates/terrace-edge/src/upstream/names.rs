//! Names of targets, resolved again whenever their answer has had its time (RFC 1035, TTL): a target that moves is
//! followed, without a restart.
//!
//! An answer is believed for at least a second. When the resolver fails, the last good answer stays.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use hickory_resolver::config::{LookupIpStrategy, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use terrace_net::{Endpoint, Host};

use super::pool::Pool;

/// The shortest time between two questions for one name.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest, whatever the TTL says.
const LONGEST: Duration = Duration::from_secs(300);

/// A resolver that is made when the first name is asked for.
#[derive(Default)]
pub(crate) struct Names {
    resolver: OnceLock<Option<TokioResolver>>,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

impl Names {
    /// Asks these servers instead of the system's.
    #[cfg(test)]
    pub(crate) fn with_config(config: ResolverConfig) -> Self {
        let names = Self::default();
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let _ = names.resolver.set(build(builder));
        names
    }

    /// Follows a name for its pool, until the task is ended or the pool is gone.
    pub(crate) async fn watch(self: Arc<Self>, name: Endpoint, pool: Weak<Pool>) {
        loop {
            let (answer, again) = self.resolve(&name).await;
            {
                let Some(pool) = pool.upgrade() else { return };
                pool.resolved(&name, answer);
            }
            tokio::time::sleep(again).await;
        }
    }

    /// The addresses of a name, and when to ask again.
    async fn resolve(&self, name: &Endpoint) -> (Result<BTreeSet<SocketAddr>, String>, Duration) {
        let Host::Name(host) = name.host() else {
            return (Ok(name.address().into_iter().collect()), LONGEST);
        };
        let Some(resolver) = self.resolver.get_or_init(system) else {
            return (Err("the resolver cannot be set up: see /etc/resolv.conf".to_owned()), SHORTEST);
        };
        // With the final dot the name is complete, and no search domain is tried; single labels are not.
        let asked = if host.as_str().contains('.') {
            format!("{}.", host.as_str())
        } else {
            host.as_str().to_owned()
        };
        match resolver.lookup_ip(asked).await {
            Ok(found) => {
                let ttl = found.valid_until().saturating_duration_since(Instant::now());
                let addresses: BTreeSet<_> =
                    found.iter().map(|ip| SocketAddr::new(ip, name.port().get())).collect();
                (Ok(addresses), ttl.clamp(SHORTEST, LONGEST))
            }
            Err(error) if error.is_nx_domain() => (Err(format!("no such name: {}", host.as_str())), SHORTEST),
            Err(error) => (Err(format!("{} cannot be resolved: {error}", host.as_str())), SHORTEST),
        }
    }
}

fn system() -> Option<TokioResolver> {
    let builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
        // Without a configuration there is still the hosts file.
        TokioResolver::builder_with_config(ResolverConfig::default(), TokioRuntimeProvider::default())
    });
    build(builder)
}

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Option<TokioResolver> {
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.timeout = Duration::from_secs(2);
    options.attempts = 2;
    // Asked again by the second where the answer is that short-lived; failures are not remembered.
    options.positive_min_ttl = None;
    options.negative_max_ttl = Some(Duration::ZERO);
    builder.build().ok()
}

#[cfg(test)]
mod tests;
