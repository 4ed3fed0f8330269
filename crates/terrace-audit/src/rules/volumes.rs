//! Volumes of machines, for [`unencrypted-storage`](super::unencrypted_storage): a volume without a word is encrypted as
//! the account has it by default, or as its image is.

use terrace_aws::Mode;
use terrace_aws::inventory::{Inventory, Item, Told, UnknownName, View};

use super::answer::Answer;
use super::linked;
use crate::{Finding, Findings, Severity};

/// Whether the account encrypts volumes by default in the item's region.
pub(super) fn by_default(inventory: &Inventory, item: &Item) -> bool {
    inventory.all("aws_ebs_encryption_by_default").any(|setting| {
        let same = setting.region == item.region || setting.region.is_none() || item.region.is_none();
        same && !matches!(setting.view().bool("enabled"), Told::Is(false) | Told::Unknown(_))
    })
}

pub(super) fn check(inventory: &Inventory, findings: &mut Findings) {
    for item in
        linked::all(inventory, &["aws_instance", "aws_launch_configuration", "aws_spot_instance_request"])
    {
        findings.examine();
        let image = image(inventory, item, "ami").or_else(|| image(inventory, item, "image_id"));
        let root = match item.view().block("root_block_device") {
            Told::Is(block) => encrypted(block, image_says(image)),
            Told::Nothing => from_template(item).unwrap_or_else(|| image_says(image)),
            Told::Unknown(of) => Answer::open(crate::named(&of)),
        };
        say(inventory, item, "root_block_device.encrypted", "root volume", root, findings);
        for (at, block) in
            item.view().blocks("ebs_block_device").known().unwrap_or_default().into_iter().enumerate()
        {
            let path = format!("ebs_block_device[{at}].encrypted");
            let without = if block.get("snapshot_id").is_some() { snapshot() } else { Answer::Bad };
            say(inventory, item, &path, "volume", encrypted(block, without), findings);
        }
    }
    for item in inventory.all("aws_launch_template") {
        findings.examine();
        template(inventory, item, findings);
    }
}

fn template(inventory: &Inventory, item: &Item, findings: &mut Findings) {
    let from_image = || image_says(image(inventory, item, "image_id"));
    let mappings = match item.view().blocks("block_device_mappings") {
        Told::Is(mappings) => mappings,
        Told::Nothing => Vec::new(),
        Told::Unknown(of) => {
            let open = Answer::open(crate::named(&of));
            return say(inventory, item, "block_device_mappings", "root volume", open, findings);
        }
    };
    if mappings.is_empty() && item.view().get("image_id").is_some() {
        return say(inventory, item, "block_device_mappings", "root volume", from_image(), findings);
    }
    for (at, mapping) in mappings.into_iter().enumerate() {
        let Told::Is(volume) = mapping.block("ebs") else { continue };
        let path = format!("block_device_mappings[{at}].ebs.encrypted");
        // Which device is the image's own is not told; `/dev/xvda` and `/dev/sda1` are by custom.
        let root = matches!(mapping.literal("device_name"), Told::Is(name) if name == "/dev/xvda" || name == "/dev/sda1");
        let without = match (root, volume.get("snapshot_id").is_some()) {
            (true, _) => from_image(),
            (false, true) => snapshot(),
            (false, false) => Answer::Bad,
        };
        say(inventory, item, &path, "volume", encrypted(volume, without), findings);
    }
}

fn encrypted(volume: View<'_>, without: Answer) -> Answer {
    match volume.bool("encrypted") {
        // An encrypted image or snapshot stays encrypted, whatever is asked for.
        Told::Is(false) => without,
        told => Answer::truth_or(told, without),
    }
}

fn snapshot() -> Answer {
    Answer::open([UnknownName::new("whether the snapshot is encrypted")])
}

fn from_template(item: &Item) -> Option<Answer> {
    item.view().get("launch_template").is_some().then_some(Answer::Good)
}

#[derive(Clone, Copy)]
enum Image {
    /// One that everyone may use: such images are never encrypted.
    Public,
    /// One that is encrypted surely.
    Encrypted,
    /// Some image.
    Some,
}

/// What is told of the image that an argument names; none if there is no such argument.
fn image(inventory: &Inventory, item: &Item, argument: &str) -> Option<Image> {
    let value = item.view().get(argument)?;
    let mut references = Vec::new();
    value.references(&mut references);
    if let Told::Is(text) = item.view().literal(argument)
        && text.starts_with("resolve:ssm:/aws/service/")
    {
        return Some(Image::Public);
    }
    let found = references.iter().filter_map(|reference| inventory.target(reference)).map(|found| {
        let view = found.view();
        match (found.id().mode(), found.type_name()) {
            (Mode::Data, "aws_ami") if is_public(view) => Image::Public,
            (Mode::Data, "aws_ssm_parameter")
                if matches!(view.literal("name"), Told::Is(name) if name.starts_with("/aws/service/")) =>
            {
                Image::Public
            }
            (_, "aws_ami_copy") if view.bool("encrypted") == Told::Is(true) => Image::Encrypted,
            _ => Image::Some,
        }
    });
    Some(found.into_iter().next().unwrap_or(Image::Some))
}

/// Owners whose images everyone may use: AWS's alias, and Canonical, Debian, Red Hat by number.
fn is_public(lookup: View<'_>) -> bool {
    const OWNERS: [&str; 6] =
        ["amazon", "aws-marketplace", "099720109477", "136693071363", "309956199498", "137112412989"];
    let Told::Is(owners) = lookup.texts("owners") else { return false };
    !owners.is_empty()
        && owners.iter().all(|owner| owner.literal().is_some_and(|owner| OWNERS.contains(&owner)))
}

fn image_says(image: Option<Image>) -> Answer {
    match image {
        Some(Image::Public) => Answer::Bad,
        Some(Image::Encrypted) => Answer::Good,
        Some(Image::Some) | None => Answer::open([UnknownName::new("whether the image is encrypted")]),
    }
}

fn say(inventory: &Inventory, item: &Item, path: &str, what: &str, answer: Answer, findings: &mut Findings) {
    if by_default(inventory, item) {
        return;
    }
    answer.say(findings, || {
        let message = format!("the {what} of `{}` is not encrypted", item.id());
        let argument = match path {
            "block_device_mappings" => "block_device_mappings[0].ebs.encrypted",
            path => path,
        };
        let fix = format!("set `{argument} = true` in `{}`", item.id());
        Finding::about(item, path, message, fix).weighing(Severity::Medium)
    });
}
