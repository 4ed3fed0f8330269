//! Machines and tasks with public addresses.

use terrace_aws::inventory::{Inventory, Item, Told, UnknownName, View};

use super::answer::Answer;
use super::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("public-address"),
    property: "no machine or task has a public address",
    severity: Severity::Medium,
    what: "Looks at instances, Auto Scaling groups with their templates, elastic addresses and services of ECS. Finds those that \
           get a public address: because they ask for one, because their subnet gives one to each machine \
           (`map_public_ip_on_launch`), or by an elastic address. Where an instance says nothing and its subnet is not \
           told, it depends.",
    why: "Behind a load balancer no machine needs one. With one, a single rule of a security group puts it on the internet.",
    example: r#"resource "aws_subnet" "public" {
  vpc_id                  = "vpc-1"
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
}

resource "aws_instance" "web" {
  ami           = "ami-0abc"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.public.id
}"#,
    fix: r#"resource "aws_subnet" "private" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}

resource "aws_instance" "web" {
  ami           = "ami-0abc"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.private.id
}"#,
    sources: &["Amazon VPC User Guide, \"IP addressing for your VPCs and subnets\""],
    check,
};

const SUBNETS: [&str; 2] = ["aws_subnet", "aws_default_subnet"];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in linked::all(inventory, &["aws_instance", "aws_spot_instance_request"]) {
        findings.examine();
        instance(inventory, item, findings);
    }
    for item in inventory.all("aws_autoscaling_group") {
        findings.examine();
        group(inventory, item, findings);
    }
    for item in inventory.all("aws_ecs_service") {
        findings.examine();
        let told = match item.view().block("network_configuration") {
            Told::Is(network) => network.bool("assign_public_ip"),
            Told::Nothing => Told::Nothing,
            Told::Unknown(of) => Told::Unknown(of),
        };
        Answer::no(told, false).say(findings, || {
            let message = format!("the tasks of `{}` get public addresses", item.id());
            let fix = format!(
                "remove `assign_public_ip` from `{}` and give its subnets a way to what it needs",
                item.id()
            );
            Finding::about(item, "network_configuration.assign_public_ip", message, fix)
        });
    }
}

fn finding(item: &Item, path: &str, message: String) -> Finding {
    let fix =
        format!("put `{}` into a private subnet, or set `associate_public_ip_address = false`", item.id());
    Finding::about(item, path, message, fix).weighing(RULE.severity)
}

fn instance(inventory: &Inventory, item: &Item, findings: &mut Findings) {
    let elastic = linked::belonging(inventory, "aws_eip", "instance", item)
        .chain(linked::belonging(inventory, "aws_eip_association", "instance_id", item))
        .next();
    if let Some(address) = elastic {
        let message = format!("`{}` has the elastic address `{}`", item.id(), address.id());
        let fix = format!("remove `{}`", address.id());
        let because = Evidence::of(address, "", format!("is an address of `{}`", item.id()));
        return findings.push(Finding::about(item, "", message, fix).because(because));
    }
    let template = linked::template(inventory, item.view());
    let asked = [Some(item.view()), template.map(Item::view)].into_iter().flatten().map(asks);
    let asked = asked.into_iter().find(|told| !told.is_nothing()).unwrap_or(Told::Nothing);
    // An interface of its own has its own subnet and no public address but an elastic one.
    if asked.is_nothing() && item.view().get("network_interface").is_some() {
        return;
    }
    let subnets = if item.view().get("subnet_id").is_some() {
        (item, "subnet_id")
    } else {
        template_subnet(item, template)
    };
    said(inventory, item, asked, subnets, findings);
}

fn template_subnet<'a>(item: &'a Item, template: Option<&'a Item>) -> (&'a Item, &'static str) {
    template.map_or((item, "subnet_id"), |template| (template, "subnet_id"))
}

fn group(inventory: &Inventory, item: &Item, findings: &mut Findings) {
    let template = linked::template(inventory, item.view());
    let configuration =
        linked::named(inventory, &["aws_launch_configuration"], item.view(), "launch_configuration");
    let asked = template.or(configuration).map_or(Told::Nothing, |template| asks(template.view()));
    said(inventory, item, asked, (item, "vpc_zone_identifier"), findings);
}

/// Whether a public address is asked for, by the resource or by an interface in it.
fn asks(view: View<'_>) -> Told<bool> {
    match view.bool("associate_public_ip_address") {
        Told::Nothing => {}
        told => return told,
    }
    match view.block("network_interfaces") {
        Told::Is(interface) => interface.bool("associate_public_ip_address"),
        Told::Nothing => Told::Nothing,
        Told::Unknown(of) => Told::Unknown(of),
    }
}

fn said(
    inventory: &Inventory,
    item: &Item,
    asked: Told<bool>,
    (holder, argument): (&Item, &str),
    findings: &mut Findings,
) {
    match asked {
        Told::Is(false) => {}
        Told::Is(true) => {
            findings.push(finding(
                item,
                "associate_public_ip_address",
                format!("`{}` asks for a public address", item.id()),
            ));
        }
        Told::Unknown(of) => Answer::open(crate::named(&of)).say(findings, || {
            finding(item, "associate_public_ip_address", format!("`{}` asks for a public address", item.id()))
        }),
        Told::Nothing => by_subnet(inventory, item, (holder, argument), findings),
    }
}

fn by_subnet(inventory: &Inventory, item: &Item, (holder, argument): (&Item, &str), findings: &mut Findings) {
    let message = |subnet: &str| format!("`{}` gets a public address from {subnet}", item.id());
    if holder.view().get(argument).is_none() {
        // Without a subnet a machine is in the default VPC, whose subnets give public addresses.
        if item.type_name() == "aws_instance" && inventory.all("aws_default_subnet").next().is_none() {
            findings.push(finding(item, "", message("the default subnet that it is put into")));
        }
        return;
    }
    let subnets = linked::all_named(inventory, &SUBNETS, holder.view(), argument);
    for subnet in &subnets {
        let default = subnet.type_name() == "aws_default_subnet";
        Answer::no(subnet.view().bool("map_public_ip_on_launch"), default).say(findings, || {
            let because =
                Evidence::of(subnet, "map_public_ip_on_launch", "gives each machine a public address");
            finding(item, argument, message(&format!("`{}`", subnet.id()))).because(because)
        });
    }
    if subnets.is_empty() {
        let on = match holder.view().texts(argument) {
            Told::Is(texts) => texts.iter().flat_map(|text| crate::named(text.references())).collect(),
            Told::Unknown(of) => crate::named(&of),
            Told::Nothing => Vec::new(),
        };
        let on =
            if on.is_empty() { vec![UnknownName::new(format!("the subnet of `{}`", item.id()))] } else { on };
        Answer::open(on).say(findings, || finding(item, argument, message("its subnet")));
    }
}
