//! The page that an export carries: how it is applied, and what has to be there before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use terrace_aws::ResourceGraph;
use terrace_aws::resource::{BucketObject, Repository};
use terrace_topology::{Architecture, Topology};

/// `README.md` of the export of this system, whose other files are `files`.
pub(crate) fn text(topology: &Topology, graph: &ResourceGraph, files: &BTreeMap<String, String>) -> String {
    let environment =
        topology.environment.as_ref().map(|name| format!(", environment {name}")).unwrap_or_default();
    let listed: Vec<String> = files.keys().map(|file| format!("`{file}`")).collect();
    let mut page = format!(
        "# {}{environment} on AWS\n\nPlain Terraform, written by Terrace from one file and complete without it: {}.\n\n",
        topology.name,
        listed.join(", ")
    );
    page.push_str(
        "```sh\nterraform init\nterraform plan -out plan\nterraform apply plan\n```\n\n\
         Terraform 1.11 or OpenTofu 1.11 and later, provider hashicorp/aws 5.100 or 6. Before you work in a team, add a\n\
         `backend \"s3\"` block with `use_lockfile = true`.\n",
    );
    artifacts(&mut page, topology, graph);
    images(&mut page, topology, graph);
    taking_away(&mut page, topology);
    page.push_str(
        "\n## What is in the state\n\nNo password and no key: the database's password is made and kept by RDS in Secrets Manager, \
         generated secrets are\nmade during the run and handed over in arguments that Terraform does not store.\n",
    );
    page
}

/// What machines are made from has to lie beside the files before the first apply.
fn artifacts(page: &mut String, topology: &Topology, graph: &ResourceGraph) {
    let sources: Vec<&str> =
        graph.all::<BucketObject>().filter_map(|(_, object)| object.source.as_ref()?.literal()).collect();
    if sources.is_empty() {
        return;
    }
    page.push_str(
        "\n## Before the first apply\n\nThe machines' images are made from these files beside this one:\n\n",
    );
    let region = &topology.region;
    for source in sources {
        let about = match source.rsplit('/').next().unwrap_or(source) {
            "app.tar.gz" => {
                "the built application, packed from its folder: `tar -C FOLDER -czf app.tar.gz .`".to_owned()
            }
            "page.tar.gz" => "the built page, packed from its folder".to_owned(),
            "terrace-boot" => "starts the application with its settings and secrets".to_owned(),
            "terrace-edge" => "serves the page".to_owned(),
            "rds-ca.pem" => {
                format!(
                    "https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem, to know the database by"
                )
            }
            "SHA256SUMS" => "the sums of the others: `sha256sum * > SHA256SUMS` in their folder".to_owned(),
            _ => "as its name says".to_owned(),
        };
        let _ = writeln!(page, "- `{source}`: {about}");
    }
    let target = match topology.architecture {
        Architecture::X86_64 => "x86_64-unknown-linux-gnu",
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
    };
    let _ = writeln!(
        page,
        "\nThe two programs are Terrace's, static, for the machines' processor:\n\n```sh\n\
         RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --target {target} -p terrace-boot -p terrace-edge\n```\n\n\
         Later releases go to the artifacts bucket; the pipelines then build new images from them."
    );
}

/// What containers are made from has to be in their repositories before they start.
fn images(page: &mut String, topology: &Topology, graph: &ResourceGraph) {
    let repositories: Vec<String> = graph.all::<Repository>().map(|(label, _)| label.to_string()).collect();
    if repositories.is_empty() {
        return;
    }
    page.push_str("\n## Before the rest is applied\n\nA service whose image is not there fails its first deployment for good, so the repositories come first:\n\n```sh\n");
    for name in &repositories {
        let _ = writeln!(
            page,
            "terraform apply -target=aws_ecr_repository.{name}\n\
             docker build --platform {} -t \"$(terraform output -raw {name}_repository_url):initial\" FOLDER\n\
             docker push \"$(terraform output -raw {name}_repository_url):initial\"    # after docker login",
            match topology.architecture {
                Architecture::X86_64 => "linux/amd64",
                Architecture::Arm64 => "linux/arm64",
            }
        );
    }
    let region = &topology.region;
    let _ = writeln!(
        page,
        "terraform apply\n```\n\n\
         The container runs as user 10001 with a root file system that cannot be written (`/tmp` can). It finds its\n\
         variables and secrets in its environment. `DATABASE_URL` is composed by `terrace-boot`, which belongs into the image\n\
         with the bundle of certificates that the database is known by:\n\n\
         ```dockerfile\n\
         COPY terrace-boot /usr/local/bin/terrace-boot\n\
         ADD --chmod=644 https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem /etc/terrace/rds-ca.pem\n\
         USER 10001:10001\n\
         ENTRYPOINT [\"/usr/local/bin/terrace-boot\", \"--watch\", \"--\"]\n\
         CMD [\"/app/server\"]\n\
         ```\n\n\
         Then copy the built page into the bucket that `terraform output page_bucket` prints."
    );
}

/// What stands in the way of destroying it, and what stays.
fn taking_away(page: &mut String, topology: &Topology) {
    page.push_str("\n## Taking it away\n\n");
    if topology.production || topology.database.protected {
        page.push_str(
            "Deletion protection stands in the way on purpose: set `deletion_protection` and `enable_deletion_protection` to `false`,\n\
             apply, empty the buckets, and then `terraform destroy`.\n",
        );
    } else {
        page.push_str(
            "`terraform destroy` takes all of it, the data too; no snapshot is taken outside production.\n",
        );
    }
    if topology.production {
        page.push_str(
            "A last snapshot of the database is taken. It is encrypted with the system's key, which is deleted 30 days later:\n\
             `terraform state rm aws_kms_key.main` before the destroy keeps the key, and so the snapshot.\n",
        );
    }
    page.push_str(
        "Secrets are kept for some days after they are deleted, and so are their names. AMIs that pipelines made stay.\n",
    );
}
