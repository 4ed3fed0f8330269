//! What running processes use: processor time and memory, each with all that it started.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long processor time is watched.
const WATCHED: Duration = Duration::from_millis(250);

/// What one process and all below it use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Percent of one core.
    pub(crate) cpu_percent: u64,
    /// Bytes, what is shared counted in parts (PSS), where that can be read; else what is resident.
    pub(crate) memory_bytes: u64,
}

/// What these processes use now. Those that are gone or cannot be seen are left out.
pub(crate) async fn of(pids: &[u32]) -> BTreeMap<u32, Usage> {
    let before = ticks(pids);
    let began = Instant::now();
    tokio::time::sleep(WATCHED).await;
    let after = ticks(pids);
    let seconds = began.elapsed().as_secs_f64();
    let per_second = ticks_per_second();
    let mut all = BTreeMap::new();
    for (pid, family) in &after {
        let earlier = before.get(pid);
        let used: u64 = family
            .iter()
            .map(|(member, ticks)| {
                let was = earlier.and_then(|earlier| earlier.get(member)).copied().unwrap_or(*ticks);
                ticks.saturating_sub(was)
            })
            .sum();
        let memory_bytes = family.keys().filter_map(|member| memory(*member)).sum();
        all.insert(*pid, Usage { cpu_percent: percent(used, per_second, seconds), memory_bytes });
    }
    all
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a quarter of a second, shown as a whole percentage"
)]
fn percent(ticks: u64, per_second: u64, seconds: f64) -> u64 {
    if seconds <= 0.0 || per_second == 0 {
        return 0;
    }
    (ticks as f64 / per_second as f64 / seconds * 100.0).round() as u64
}

/// Bytes as people read them.
pub(crate) fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    if tenths < 100 { format!("{}.{} MiB", tenths / 10, tenths % 10) } else { format!("{} MiB", tenths / 10) }
}

/// The processor time of every member of each process's family.
#[cfg(target_os = "linux")]
fn ticks(pids: &[u32]) -> BTreeMap<u32, BTreeMap<i32, u64>> {
    let mut times = BTreeMap::new();
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for stat in procfs::process::all_processes().into_iter().flatten().flatten().filter_map(|p| p.stat().ok())
    {
        times.insert(stat.pid, stat.utime.saturating_add(stat.stime));
        children.entry(stat.ppid).or_default().push(stat.pid);
    }
    let mut all = BTreeMap::new();
    for pid in pids {
        let Ok(root) = i32::try_from(*pid) else { continue };
        let mut family = BTreeMap::new();
        let mut open = vec![root];
        while let Some(member) = open.pop() {
            let Some(ticks) = times.get(&member) else { continue };
            if family.insert(member, *ticks).is_none() {
                open.extend(children.get(&member).into_iter().flatten());
            }
        }
        if !family.is_empty() {
            all.insert(*pid, family);
        }
    }
    all
}

#[cfg(target_os = "linux")]
fn memory(pid: i32) -> Option<u64> {
    let process = procfs::process::Process::new(pid).ok()?;
    let shared = process.smaps_rollup().ok().and_then(|maps| {
        maps.memory_map_rollup.0.first().and_then(|map| map.extension.map.get("Pss").copied())
    });
    shared.or_else(|| Some(process.stat().ok()?.rss.saturating_mul(procfs::page_size())))
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> u64 {
    procfs::ticks_per_second()
}

#[cfg(not(target_os = "linux"))]
fn ticks(_pids: &[u32]) -> BTreeMap<u32, BTreeMap<i32, u64>> {
    BTreeMap::new()
}

#[cfg(not(target_os = "linux"))]
fn memory(_pid: i32) -> Option<u64> {
    None
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> u64 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(mebibytes(0), "0.0 MiB");
        assert_eq!(mebibytes(9 * 1024 * 1024 + 512 * 1024), "9.5 MiB");
        assert_eq!(mebibytes(300 * 1024 * 1024), "300 MiB");
    }

    #[tokio::test]
    async fn this_process_uses_memory() {
        let pid = std::process::id();
        assert!(of(&[pid]).await.get(&pid).is_some_and(|usage| usage.memory_bytes > 100_000));
    }
}
