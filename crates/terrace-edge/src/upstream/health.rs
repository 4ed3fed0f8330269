//! Active health checks: `GET path` on a target, at once and then at its interval, until the target leaves.
//!
//! As a load balancer on AWS does it: a new target is healthy after its first good check, one that was unhealthy
//! after `healthy_after` in a row. A new target is asked more often until it is judged, because it may be starting.

use std::num::NonZeroU32;
use std::sync::Weak;
use std::time::{Duration, Instant};

use http::uri::PathAndQuery;
use terrace_edge_config::HealthCheck;

use super::http1::{ConnectError, Connection, SendError, Upload};
use super::pool::Pool;
use super::random::jitter;
use super::target::Target;

/// How often a target that has not been judged is asked, if that is more often than its interval.
const EAGER: Duration = Duration::from_millis(100);

/// What checks in a row amount to. A pure value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judge {
    standing: Option<bool>,
    in_a_row: u32,
}

/// What a check has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Same,
    /// The target is healthy now.
    Healthy,
    /// The target is unhealthy now.
    Unhealthy,
}

impl Judge {
    /// Of a target that was just registered.
    pub(crate) const fn new() -> Self {
        Self { standing: None, in_a_row: 0 }
    }

    /// Whether there is a judgement.
    pub(crate) const fn is_made(self) -> bool {
        self.standing.is_some()
    }

    /// Takes in a check.
    pub(crate) fn saw(
        &mut self,
        good: bool,
        healthy_after: NonZeroU32,
        unhealthy_after: NonZeroU32,
    ) -> Verdict {
        let enough = match (self.standing, good) {
            (Some(standing), _) if standing == good => {
                self.in_a_row = 0;
                return Verdict::Same;
            }
            (None, true) => 1,
            (Some(_), true) => healthy_after.get(),
            (_, false) => unhealthy_after.get(),
        };
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.in_a_row < enough {
            return Verdict::Same;
        }
        *self = Self { standing: Some(good), in_a_row: 0 };
        if good { Verdict::Healthy } else { Verdict::Unhealthy }
    }
}

/// Checks a target until it or its pool is gone.
pub(crate) async fn watch(pool: Weak<Pool>, target: Weak<Target>) {
    let mut judge = Judge::new();
    let mut counted: Option<Instant> = None;
    loop {
        let (rules, address) = {
            let (Some(pool), Some(target)) = (pool.upgrade(), target.upgrade()) else { return };
            let Some(rules) = pool.snapshot().settings.health.clone() else { return };
            (rules, target.address)
        };
        let began = Instant::now();
        let interval = rules.interval.duration();
        let outcome = check(address, &rules).await;
        let (Some(pool), Some(target)) = (pool.upgrade(), target.upgrade()) else { return };
        // The eager checks of a starting target must not use up its patience: bad ones count once an interval.
        let counts = outcome.is_ok()
            || judge.is_made()
            || counted.is_none_or(|last| began.saturating_duration_since(last) >= interval);
        let verdict = if counts {
            counted = Some(began);
            judge.saw(outcome.is_ok(), rules.healthy_after, rules.unhealthy_after)
        } else {
            Verdict::Same
        };
        match (verdict, outcome) {
            (Verdict::Healthy, _) => {
                if target.found_healthy() {
                    pool.serve_queue();
                }
            }
            (Verdict::Unhealthy, Err(reason)) => target.found_unhealthy(reason),
            (_, Err(reason)) => target.doubted(reason),
            (_, Ok(())) => {}
        }
        drop((pool, target));
        let pause = if judge.is_made() { jitter(interval) } else { interval.min(EAGER) };
        tokio::time::sleep(pause.saturating_sub(began.elapsed())).await;
    }
}

/// One check over a fresh connection; the error is one line for a person.
async fn check(address: std::net::SocketAddr, rules: &HealthCheck) -> Result<(), String> {
    let limit = rules.timeout.duration();
    let asked = async {
        let mut connection = Connection::open(address, limit).await.map_err(|error| match error {
            ConnectError::Io(error) => describe(&error),
            ConnectError::Slow => timed_out(limit),
        })?;
        let path =
            rules.path.parse::<PathAndQuery>().map_err(|_| "the path of the check is no path".to_owned())?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: terrace-edge health check\r\n\
             accept: */*\r\nconnection: close\r\n\r\n"
        );
        let head =
            connection.send(head.into(), Upload::empty(), limit).await.map_err(|error| match error {
                SendError::NotSent(_) | SendError::Closed(None) | SendError::Client(_) => {
                    "closed before a response".to_owned()
                }
                SendError::Closed(Some(error)) => describe(&error),
                SendError::Slow => timed_out(limit),
                SendError::Broken => "the response is no HTTP".to_owned(),
            })?;
        // What it says beyond the status is of no interest.
        let status = head.response.status().as_u16();
        if rules.expect.contains(status) { Ok(()) } else { Err(format!("status {status}")) }
    };
    tokio::time::timeout(limit, asked).await.unwrap_or_else(|_| Err(timed_out(limit)))
}

fn describe(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::ConnectionReset => "connection reset".to_owned(),
        ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        kind => kind.to_string(),
    }
}

fn timed_out(limit: Duration) -> String {
    let millis = limit.as_millis();
    if millis.is_multiple_of(1000) {
        format!("timed out after {} s", millis / 1000)
    } else {
        format!("timed out after {millis} ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+` a good check, `-` a bad one; after each what the judge said.
    fn story(checks: &str) -> String {
        let mut judge = Judge::new();
        let (two, three) = (NonZeroU32::new(2).unwrap(), NonZeroU32::new(3).unwrap());
        checks
            .chars()
            .map(|check| match judge.saw(check == '+', two, three) {
                Verdict::Same => '.',
                Verdict::Healthy => 'H',
                Verdict::Unhealthy => 'U',
            })
            .collect()
    }

    #[test]
    fn thresholds_count_checks_in_a_row() {
        for (checks, said) in [
            ("+", "H"),
            ("--+", "..H"),
            ("---", "..U"),
            ("+---", "H..U"),
            ("+--+---", "H.....U"),
            ("---+-++", "..U...H"),
            ("---++---", "..U.H..U"),
        ] {
            assert_eq!(story(checks), said, "{checks}");
        }
    }

    #[test]
    fn times_read_well() {
        assert_eq!(timed_out(Duration::from_secs(2)), "timed out after 2 s");
        assert_eq!(timed_out(Duration::from_millis(1500)), "timed out after 1500 ms");
    }
}
