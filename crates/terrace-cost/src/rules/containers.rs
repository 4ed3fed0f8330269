//! Services as containers on Fargate, their images and measurements.

use terrace_aws::resource::{
    AppScalingTarget, CpuArchitecture, EcsCluster, EcsService, TASKS, TaskDefinition,
};
use terrace_aws::{Address, Concern, Target};
use terrace_topology::Architecture;

use super::parsed;
use crate::Assumption;
use crate::Quantity;
use crate::ledger::{Entry, HOURS, Ledger};
use crate::prices::Item;

const HERE: Concern = Concern::App;

/// The least number of tasks runs all the time; how many more run is not known before.
pub(super) fn service(ledger: &mut Ledger<'_>, address: &Address, service: &EcsService) {
    let name = address.label();
    let Some(task) = ledger.graph.get(&service.task_definition) else {
        return ledger.cannot(address, format!("Tasks of {name}"), "their size is not known");
    };
    let Some((processors, memory)) = size(task) else {
        return ledger.cannot(address, format!("Tasks of {name}"), "their size is not known");
    };
    let (least, most) = tasks(ledger, address, service);
    let architecture = match task.runtime_platform.0.cpu_architecture {
        CpuArchitecture::X86_64 => Architecture::X86_64,
        CpuArchitecture::Arm64 => Architecture::Arm64,
    };
    let hours = |of: Quantity, count: u64| of.times(HOURS).times(count);
    for (what, item, of) in [
        (format!("Processors of {name}, {processors} a task"), Item::ContainerCpu(architecture), processors),
        (format!("Memory of {name}, {memory} GB a task"), Item::ContainerMemory(architecture), memory),
    ] {
        let entry = Entry::new(address, HERE, what, item, hours(of, least));
        ledger.charge(entry.growing_to(hours(of, most)));
    }
}

/// Processors and gigabytes of one task.
fn size(task: &TaskDefinition) -> Option<(Quantity, Quantity)> {
    let part = |number: u64| Quantity::whole(number).share(1, 1024);
    Some((part(parsed(&task.cpu)?), part(parsed(&task.memory)?)))
}

/// How many tasks run at least, and at most.
fn tasks(ledger: &Ledger<'_>, address: &Address, service: &EcsService) -> (u64, u64) {
    let own = Target::Resource(address.clone());
    let scaled = ledger
        .graph
        .all::<AppScalingTarget>()
        .find(|(_, target)| target.resource_id.references().any(|reference| *reference.target() == own));
    // One that begins with none, until its first release, says how many are meant.
    let meant = service.tags.get(TASKS).filter(|_| service.desired_count == 0);
    let count = meant.and_then(|tag| tag.literal()?.parse().ok()).unwrap_or(service.desired_count);
    let (least, most) =
        scaled.map_or((count, count), |(_, target)| (target.min_capacity, target.max_capacity));
    (u64::from(least), u64::from(most))
}

/// Container Insights measures each service, and its metrics are paid for.
pub(super) fn cluster(ledger: &mut Ledger<'_>, address: &Address, cluster: &EcsCluster) {
    let insights = cluster.setting.0.iter().any(|setting| {
        setting.name.literal() == Some("containerInsights") && setting.value.literal() != Some("disabled")
    });
    if !insights {
        return ledger.free();
    }
    let services = ledger.graph.all::<EcsService>().count();
    let metrics = ledger.assume(Assumption::Insights).times(u64::try_from(services).unwrap_or(u64::MAX));
    let what = "Metrics of Container Insights";
    ledger.charge(Entry::new(address, Concern::Observability, what, Item::Metric, metrics));
}

pub(super) fn repository(ledger: &mut Ledger<'_>, address: &Address) {
    let size = ledger.assume(Assumption::Images);
    let what = format!("Container images of {}", address.label());
    ledger.charge(Entry::new(address, HERE, what, Item::ImageStorage, size));
}
