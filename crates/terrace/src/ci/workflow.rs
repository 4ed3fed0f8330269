//! GitHub's workflow as a text: a plan for each pull request, a deployment for each push to the branch.
//!
//! Syntax: "Workflow syntax for GitHub Actions", GitHub Docs. Actions are pinned by the tags that were their newest in
//! November 2026.
//!
//! GUARANTEE: no text of a manifest becomes a part of a script; names go through the environment.

use std::fmt::Write as _;

use terrace_topology::{AccountId, EnvironmentName, Region};

const CHECKOUT: &str = "actions/checkout@v7";
const CACHE: &str = "actions/cache@v5";
const TERRAFORM: &str = "hashicorp/setup-terraform@v4";
const CREDENTIALS: &str = "aws-actions/configure-aws-credentials@v6";

/// Where the text belongs, from the root of the checkout.
pub(crate) const PLACE: &str = ".github/workflows/terrace.yml";
/// The repository variables that the workflow reads: where Terrace's source is, and which revision of it.
pub(crate) const SOURCE: &str = "TERRACE_SOURCE";
/// See [`SOURCE`].
pub(crate) const REVISION: &str = "TERRACE_REVISION";
/// The repository variable with the account's number, where the manifest does not say it.
pub(crate) const ACCOUNT: &str = "AWS_ACCOUNT_ID";

/// What is deployed.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The environment; none if the manifest has none.
    pub(crate) environment: Option<EnvironmentName>,
    /// The roles' names: one that plans, one that deploys.
    pub(crate) roles: (String, String),
    /// The account, if it is said.
    pub(crate) account: Option<AccountId>,
    /// The partition of the region.
    pub(crate) partition: &'static str,
    /// Where.
    pub(crate) region: Region,
    /// GitHub's machine with the system's processor, so that what runs on AWS needs no other compiler.
    pub(crate) runner: &'static str,
}

/// All that the text depends on.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    /// The system's name.
    pub(crate) system: String,
    /// The branch that is deployed.
    pub(crate) branch: String,
    /// The manifest's folder, from the root, if it is not the root.
    pub(crate) folder: Option<String>,
    /// The manifest's name, if it is not the usual one.
    pub(crate) file: Option<String>,
    /// In the order in which they are deployed, each after the one before.
    pub(crate) targets: Vec<Target>,
}

impl Target {
    fn word(&self) -> &str {
        self.environment.as_ref().map_or("deploy", EnvironmentName::as_str)
    }

    fn role(&self, name: &str) -> String {
        let account = match &self.account {
            Some(account) => account.to_string(),
            None => format!("${{{{ vars.{ACCOUNT} }}}}"),
        };
        format!("arn:{}:iam::{account}:role/{name}", self.partition)
    }
}

/// A text in YAML that stands for itself, whatever is in it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Workflow {
    /// The text.
    pub(crate) fn text(&self) -> String {
        let branch = quoted(&self.branch);
        let mut text = format!(
            "# Written by `terrace init --ci`, and yours from here on.\n\
             # Pull requests get a plan; what is pushed to {} is deployed. No key of AWS is stored: GitHub vouches for\n\
             # the run (OpenID Connect), and AWS gives it the role that `terrace policy --github` has printed.\n\
             name: Terrace\n\n\
             on:\n  pull_request:\n    branches: [{branch}]\n  push:\n    branches: [{branch}]\n  workflow_dispatch:\n\n\
             permissions:\n  contents: read\n  id-token: write # for the role, and for nothing else\n\n\
             env:\n  MANIFEST: {}\n\njobs:\n",
            self.branch,
            quoted(self.file.as_deref().unwrap_or(terrace_manifest::FILE_NAME)),
        );
        self.plan(&mut text);
        let mut before = None;
        for target in &self.targets {
            self.deploy(&mut text, target, before);
            before = Some(target.word());
        }
        text
    }

    fn plan(&self, text: &mut String) {
        let several = self.targets.iter().any(|target| target.environment.is_some());
        let _ = write!(
            text,
            "  plan:\n    name: plan{}\n    \
             # A fork's pull request gets no token: there is nothing that it could plan with.\n    \
             if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository\n    \
             runs-on: ${{{{ matrix.runner }}}}\n    timeout-minutes: 60\n    \
             strategy:\n      fail-fast: false\n      matrix:\n        include:\n",
            if several { " ${{ matrix.environment }}" } else { "" }
        );
        for target in &self.targets {
            let environment = target.environment.as_ref().map_or("", EnvironmentName::as_str);
            let _ = write!(
                text,
                "          - environment: {}\n            region: {}\n            runner: {}\n            role: {}\n",
                quoted(environment),
                quoted(target.region.as_str()),
                quoted(target.runner),
                quoted(&target.role(&target.roles.0))
            );
        }
        let _ = write!(text, "    env:\n      ENVIRONMENT: ${{{{ matrix.environment }}}}\n");
        self.folder(text);
        steps(text, "${{ matrix.region }}", "${{ matrix.role }}");
        text.push_str(
            "      - name: Plan\n        \
             # 2 says that something would change.\n        \
             run: |\n          \
             code=0\n          \
             plan=$RUNNER_TEMP/plan.txt\n          \
             terrace plan --file \"$MANIFEST\" ${ENVIRONMENT:+--env \"$ENVIRONMENT\"} > \"$plan\" || code=$?\n          \
             cat \"$plan\"\n          \
             { echo '```text'; cat \"$plan\"; echo '```'; } >> \"$GITHUB_STEP_SUMMARY\"\n          \
             [ \"$code\" -eq 0 ] || [ \"$code\" -eq 2 ]\n",
        );
    }

    fn deploy(&self, text: &mut String, target: &Target, before: Option<&str>) {
        let (word, system) = (target.word(), &self.system);
        let id =
            target.environment.as_ref().map_or_else(|| "deploy".to_owned(), |name| format!("deploy-{name}"));
        let shown =
            target.environment.as_ref().map_or_else(|| "deploy".to_owned(), |name| format!("deploy {name}"));
        let _ = write!(text, "\n  {id}:\n    name: {shown}\n    if: github.event_name != 'pull_request'\n");
        if let Some(before) = before {
            let _ = writeln!(text, "    needs: deploy-{before}");
        }
        if target.environment.is_some() {
            let _ = write!(
                text,
                "    # The role trusts this environment of the repository alone: its rules say who may deploy, and who approves.\n    \
                 environment: {}\n",
                quoted(word)
            );
        }
        let _ = write!(
            text,
            "    # One at a time; one that has begun is not broken off.\n    \
             concurrency:\n      group: {}\n      cancel-in-progress: false\n    \
             runs-on: {}\n    timeout-minutes: 120\n    env:\n      ENVIRONMENT: {}\n",
            quoted(&format!("terrace-{system}-{word}")),
            target.runner,
            quoted(target.environment.as_ref().map_or("", EnvironmentName::as_str))
        );
        self.folder(text);
        steps(text, target.region.as_str(), &target.role(&target.roles.1));
        text.push_str(
            "      - name: Deploy\n        \
             # What would lose data stops here: deploy that by hand, or add --accept-loss for once.\n        \
             run: terrace deploy --file \"$MANIFEST\" --yes ${ENVIRONMENT:+--env \"$ENVIRONMENT\"}\n",
        );
    }

    fn folder(&self, text: &mut String) {
        if let Some(folder) = &self.folder {
            let _ =
                write!(text, "    defaults:\n      run:\n        working-directory: {}\n", quoted(folder));
        }
    }
}

/// What plans and deployments begin with.
fn steps(text: &mut String, region: &str, role: &str) {
    let _ = write!(
        text,
        "    steps:\n      \
         - uses: {CHECKOUT}\n        with:\n          persist-credentials: false\n      \
         # What your own builds need (languages, targets) goes here.\n      \
         - name: Terrace, as it was built before\n        id: terrace\n        uses: {CACHE}\n        with:\n          \
         path: |\n            ~/.cargo/bin/terrace*\n            ~/.cargo/lib/terrace\n          \
         key: terrace-${{{{ runner.os }}}}-${{{{ runner.arch }}}}-${{{{ vars.{REVISION} }}}}\n      \
         - name: Terrace, built\n        if: steps.terrace.outputs.cache-hit != 'true'\n        \
         working-directory: ${{{{ runner.temp }}}}\n        env:\n          \
         SOURCE: ${{{{ vars.{SOURCE} }}}}\n          REVISION: ${{{{ vars.{REVISION} }}}}\n        \
         # The program, and its parts that run on AWS.\n        \
         run: |\n          \
         git init --quiet terrace && cd terrace\n          \
         git fetch --quiet --depth 1 \"$SOURCE\" \"$REVISION\" && git checkout --quiet FETCH_HEAD\n          \
         cargo install --locked --path crates/terrace\n          \
         scripts/parts ~/.cargo/lib/terrace\n      \
         - uses: {TERRAFORM}\n        with:\n          terraform_version: ^1.11.0\n          terraform_wrapper: false\n      \
         - name: Terraform's providers, as they were fetched before\n        uses: {CACHE}\n        with:\n          \
         path: ~/.cache/terrace\n          \
         key: terrace-providers-${{{{ runner.os }}}}-${{{{ runner.arch }}}}-${{{{ vars.{REVISION} }}}}\n      \
         - uses: {CREDENTIALS}\n        with:\n          aws-region: {}\n          role-to-assume: {}\n          \
         role-session-name: terrace-${{{{ github.run_id }}}}\n",
        quoted(region),
        quoted(role)
    );
}
