//! Machines in groups, their disks and measurements, and the images they start from.

use terrace_aws::resource::{
    AutoScalingGroup, CpuCredits, LaunchTemplate, MachineImage, TemplateDevice, VolumeType,
};
use terrace_aws::{Address, Concern};
use terrace_topology::MachineType;

use super::{parsed, tier};
use crate::Assumption;
use crate::Quantity;
use crate::ledger::{Entry, HOURS, Ledger};
use crate::prices::Item;

/// Metrics of one machine that is measured each minute ("Amazon CloudWatch pricing").
const METRICS: u64 = 7;

/// The least number of machines runs all the time; how many more run is not known before.
pub(super) fn group(ledger: &mut Ledger<'_>, address: &Address, group: &AutoScalingGroup) {
    let name = address.label();
    let Some(template) = ledger.graph.get(&group.launch_template.0.id) else {
        return ledger.cannot(address, format!("Machines of {name}"), "what they start from is not known");
    };
    let (least, most) = (u64::from(group.min_size), u64::from(group.max_size));
    let here = tier(address);
    let hours = |count: u64| Quantity::whole(HOURS).times(count);
    let what = format!("Machines of {name}, {}", template.instance_type);
    match parsed::<MachineType>(&template.instance_type) {
        None => ledger.cannot(address, what, "their size is not known"),
        Some(kind) => ledger.charge(
            Entry::new(address, here, what, Item::Machine(kind), hours(least)).growing_to(hours(most)),
        ),
    }
    for device in &template.block_device_mappings.0 {
        disk(ledger, address, device, (least, most));
    }
    if template.monitoring.0.enabled {
        let metrics = |count: u64| Quantity::whole(METRICS).times(count);
        let what = format!("Metrics of {name}, {METRICS} for each machine");
        let entry = Entry::new(address, Concern::Observability, what, Item::Metric, metrics(least));
        ledger.charge(entry.growing_to(metrics(most)));
    }
    credits(ledger, address, template);
}

fn disk(ledger: &mut Ledger<'_>, address: &Address, device: &TemplateDevice, (least, most): (u64, u64)) {
    let volume = &device.ebs.0;
    let what = format!("Disks of {}, {} GB each", address.label(), volume.volume_size);
    if volume.volume_type != VolumeType::Gp3 {
        return ledger.cannot(address, what, "only gp3 is priced");
    }
    let size = |count: u64| Quantity::whole(volume.volume_size.into()).times(count);
    let entry = Entry::new(address, tier(address), what, Item::VolumeStorage, size(least));
    ledger.charge(entry.growing_to(size(most)));
}

/// Machines whose processors are lent may be charged for more than their share.
fn credits(ledger: &mut Ledger<'_>, address: &Address, template: &LaunchTemplate) {
    let credits = template.credit_specification.as_ref().map(|specification| specification.0.cpu_credits);
    if credits == Some(CpuCredits::Unlimited) {
        let what = format!("Processors of {} beyond their share", address.label());
        ledger.cannot(address, what, "only when they are busy for hours; no price was found");
    }
}

/// Image Builder costs nothing; the machine it builds on runs for half an hour, and its snapshot is kept.
pub(super) fn image(ledger: &mut Ledger<'_>, address: &Address, image: &MachineImage) {
    let infrastructure = ledger.graph.get(&image.infrastructure_configuration_arn);
    let kind = infrastructure.and_then(|on| on.instance_types.first()).and_then(parsed::<MachineType>);
    let what = format!("Builds of the image of {}", address.label());
    match kind {
        None => ledger.cannot(address, what, "the machine they run on is not known"),
        Some(kind) => {
            let hours = ledger.assume(Assumption::Builds).share(1, 2);
            ledger.charge(Entry::new(address, tier(address), what, Item::Machine(kind), hours));
        }
    }
    ledger.cannot(address, "Snapshots of images", "no price of snapshots was found");
}
