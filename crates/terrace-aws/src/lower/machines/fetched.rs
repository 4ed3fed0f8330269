//! Images that hold no release: a unit fetches it when the machine starts.
//!
//! The tag `terrace:release` of the machine, which it reads from its metadata, is the SHA-256 of a list of sums; the list and
//! what it names lie in the bucket of releases. GUARANTEE: nothing of a release is put in place before all of it has been tried
//! against that digest; where something is wrong it is said on the console and in the log, and nothing starts.
//!
//! The unit is a component of its own, the same for all images: with it, some of their own would be longer than Image Builder
//! takes.

use super::shell::file;
use super::steps::{Recipe, Step, document};

/// The unit before which no service starts.
pub(super) const UNIT: &str = "terrace-release.service";
/// Where the parts of it lie.
const LIBRARY: &str = "/usr/local/lib/terrace";

/// The component that makes an image fetch.
pub(super) fn component(title: &str) -> String {
    let mut step = format!(
        "# The release is fetched when a machine starts.\nset -eu\numask 022\ninstall -d -m 0755 /etc/terrace {LIBRARY}\n"
    );
    step.push_str(&file(&format!("{LIBRARY}/fetch"), "0755", include_str!("../setup/fetch.sh")));
    let unit = include_str!("../setup/release.service");
    step.push_str(&file(&format!("/etc/systemd/system/{UNIT}"), "0644", unit));
    step.push_str(&format!("systemctl enable {UNIT}\n"));
    document(title, "", &[("build", vec![("Fetch", step)])])
}

/// What an image tells the unit: what is fetched, where it belongs, what is done to it, and what has to hold of it.
pub(super) fn step(recipe: &Recipe<'_>) -> Step {
    let Recipe { party, root, content, files, .. } = recipe;
    let mut step = format!(
        "# What is fetched, and where it belongs. Nothing of it is the service's user's own.\nset -eu\numask 022\ninstall -d -m 0755 {root} {root}/{content}\n"
    );
    let mut put =
        |name: &str, mode: &str, text: &str| step.push_str(&file(&format!("{LIBRARY}/{name}"), mode, text));
    put("settings", "0644", &format!("PARTY={party}\nROOT={root}\nCONTENT={content}\nFILES=\"{files}\"\n"));
    if let Some(arrange) = recipe.arrange {
        put("arrange", "0755", &format!("#!/bin/sh\n{}", recipe.filled(arrange)));
    }
    let check = "#!/bin/sh\n# What has to hold of a release.\nset -eu\nfail() { echo \"$1\" >&2; exit 1; }\n/usr/local/bin/terrace-boot --version\n";
    put("check", "0755", &format!("{check}{}", recipe.checks.release));
    ("Fetched", step)
}
