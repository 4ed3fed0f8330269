//! The processes below one, and the processor time they have used, from `/proc`.

use std::collections::{BTreeMap, BTreeSet};

/// A process, told apart from later ones with the same number by when it started (in clock ticks since boot).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProcessKey {
    pub(crate) pid: i32,
    pub(crate) started: u64,
}

/// One process as it was seen.
#[derive(Clone, Copy, Debug)]
struct Seen {
    parent: i32,
    started: u64,
    ticks: u64,
    zombie: bool,
}

/// All processes of the machine, as they were at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcessTable(BTreeMap<i32, Seen>);

impl ProcessTable {
    /// Reads `/proc`. A process that ends meanwhile is left out.
    pub(crate) fn read() -> Self {
        let Ok(processes) = procfs::process::all_processes() else { return Self::default() };
        let seen = processes.flatten().filter_map(|process| {
            let stat = process.stat().ok()?;
            let seen = Seen {
                parent: stat.ppid,
                started: stat.starttime,
                ticks: stat.utime.saturating_add(stat.stime),
                zombie: stat.state == 'Z' || stat.state == 'X',
            };
            Some((stat.pid, seen))
        });
        Self(seen.collect())
    }

    /// Every living process below `root`, at any depth, itself not included.
    pub(crate) fn below(&self, root: i32) -> Vec<i32> {
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for (pid, seen) in &self.0 {
            children.entry(seen.parent).or_default().push(*pid);
        }
        let mut found = BTreeSet::new();
        let mut open = vec![root];
        while let Some(pid) = open.pop() {
            for child in children.get(&pid).into_iter().flatten() {
                if found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found.into_iter().filter(|pid| self.0.get(pid).is_some_and(|seen| !seen.zombie)).collect()
    }

    /// The processor time, in clock ticks, of every process below `root`.
    pub(crate) fn ticks_below(&self, root: i32) -> BTreeMap<ProcessKey, u64> {
        self.below(root)
            .into_iter()
            .filter_map(|pid| {
                let seen = self.0.get(&pid)?;
                Some((ProcessKey { pid, started: seen.started }, seen.ticks))
            })
            .collect()
    }
}
