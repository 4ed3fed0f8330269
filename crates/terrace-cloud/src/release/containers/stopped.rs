//! Why a task stopped, in words.
//!
//! "Amazon ECS stopped tasks error messages" and "Stopped task error codes", Amazon ECS Developer Guide; exit codes above 128
//! are signals.

use serde_json::Value as Json;

/// A task that stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Its identifier.
    pub task: String,
    /// What ECS says of it, a line each.
    pub said: Vec<String>,
    /// What that means, and what to look at; none where nothing is known beyond what is said.
    pub means: Option<&'static str>,
    /// The last lines that it logged.
    pub log: Vec<String>,
}

impl Stopped {
    /// All of it, a line each.
    pub fn lines(&self) -> Vec<String> {
        let means = self.means.map(|means| format!("that is: {means}"));
        let log = self.log.iter().map(|line| format!("log: {line}"));
        self.said.iter().cloned().chain(means).chain(log).collect()
    }

    /// What ECS tells of a task, as DescribeTasks has it.
    pub(crate) fn of(task: &Json, container: &str) -> Self {
        let word = |of: &Json, name: &str| of.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (code, reason) = (word(task, "stopCode"), word(task, "stoppedReason"));
        let mut said = Vec::new();
        if !reason.is_empty() || !code.is_empty() {
            let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
            said.push(format!("{reason}{code}"));
        }
        let mut exit = None;
        let mut reasons = reason;
        for one in task.get("containers").and_then(Json::as_array).into_iter().flatten() {
            let (name, why) = (word(one, "name"), word(one, "reason"));
            let ended = one.get("exitCode").and_then(Json::as_i64);
            // Other containers stop because the application's did, with nothing of their own to say.
            if name == container {
                exit = ended;
            } else if why.is_empty() && matches!(ended, None | Some(0 | 143)) {
                continue;
            }
            let ended = ended.map(|code| format!(" ended with exit code {code}")).unwrap_or_default();
            let why_told = if why.is_empty() { String::new() } else { format!(": {why}") };
            if !ended.is_empty() || !why.is_empty() {
                said.push(format!("container {name}{ended}{why_told}"));
            }
            reasons.push('\n');
            reasons.push_str(&why);
        }
        let id = word(task, "taskArn").rsplit('/').next().unwrap_or_default().to_owned();
        Self { task: id, said, means: meaning(&reasons, exit), log: Vec::new() }
    }
}

/// What reasons and an exit code mean.
fn meaning(reasons: &str, exit: Option<i64>) -> Option<&'static str> {
    let has = |word: &str| reasons.contains(word);
    if has("CannotPull") {
        return Some(if has("not found") || has("manifest unknown") {
            "the image is not in the registry: it was deleted, or pushed elsewhere"
        } else if has("403") || has("denied") || has("not authorized") {
            "the execution role may not pull the image"
        } else if has("exec format") || has("platform") {
            "the image is for another processor than the tasks run on"
        } else {
            "the registry cannot be reached: the tasks' subnets need its endpoints (ecr.api, ecr.dkr, s3) or a way out"
        });
    }
    if has("ResourceInitializationError") {
        return Some(if has("log") && !has("secret") {
            "the log group is not there, or the execution role may not write to it"
        } else if has("AccessDenied") || has("not authorized") {
            "the execution role may not read a secret or its key"
        } else if has("ResourceNotFound") || has("can't find") {
            "a secret is not there: `terrace secret list` tells which are"
        } else {
            "a secret cannot be read: Secrets Manager cannot be reached from the tasks' subnets, or the secret has no value"
        });
    }
    if has("OutOfMemory") {
        return Some("it needed more memory than the task has: give the task more");
    }
    if has("failed ELB health checks") {
        return Some(
            "the load balancer asked for its health and got no good answer: wrong port, wrong path, or too slow to start",
        );
    }
    if has("failed container health checks") {
        return Some("its own health check did not succeed");
    }
    match exit? {
        0 => Some("it ended by itself, with no error: a service has to keep running"),
        126 => Some("its command cannot be executed: not an executable, or for another processor"),
        127 => Some("its command is not in the image"),
        137 => Some("it was killed: too little memory, or it did not end within its stop timeout"),
        139 => Some("it touched memory that is not its own (SIGSEGV)"),
        134 => Some("it gave up by itself (SIGABRT)"),
        143 => Some("it was told to stop (SIGTERM)"),
        _ => Some("the application ended with an error: its log says more"),
    }
}
