//! An AWS that is played: the foundation's bucket with what was deployed, and answers to all else, as the API references
//! have them. What nobody expected is refused, and so shows.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use terrace_stand_in::{Answer, Reply, Request, Server};

use crate::folder::{Folder, Ran};

pub(crate) const BUCKET: &str = "terrace-123456789012-us-east-1";

pub(crate) const MANIFEST: &str = "name = \"shop\"\nshape = \"fargate\"\nregion = \"us-east-1\"\n\n\
    [web]\nroot = \"page\"\n\n\
    [app]\nroot = \"app\"\nrun = \"./app\"\npaths = [\"/api/*\"]\n\n\
    [app.secrets]\nSESSION_KEY = { generate = 32 }\nMAIL_KEY = { secret = \"shop/mail\" }\n\n\
    [data]\nengine = \"postgres\"\nversion = \"16\"\n";

/// An answer to all calls of a kind: `ecs:ListTasks`, and what must stand in the body.
#[derive(Clone)]
pub(crate) struct Scripted {
    call: String,
    asked: String,
    status: u16,
    body: String,
    /// A refusal's code, of which `body` is the message.
    code: Option<String>,
}

impl Scripted {
    pub(crate) fn is_of(&self, service: &str) -> bool {
        self.call.starts_with(service)
    }
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) objects: BTreeMap<(String, String), Vec<u8>>,
    pub(crate) answers: Vec<Scripted>,
    /// Calls and their bodies, in order.
    pub(crate) asked: Vec<String>,
    /// Of everything but the question who one is.
    pub(crate) expired: bool,
    /// Whether a snapshot that is asked for by its name is there and whole.
    pub(crate) echo_snapshots: bool,
    /// What happens once a call has been answered.
    pub(crate) then: Option<Then>,
}

/// A call, and what happens once it has been answered.
pub(crate) type Then = (&'static str, fn(&mut World));

/// What is played, until it is let go.
pub(crate) struct Played {
    server: Server,
    world: Arc<Mutex<World>>,
    pub(crate) folder: Folder,
}

impl World {
    /// Where nothing was ever deployed.
    pub(crate) fn bare() -> Self {
        let mut world = Self::default();
        world.xml(
            "sts:GetCallerIdentity",
            "",
            "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ana</Arn><UserId>AIDA</UserId>",
        );
        world
    }

    /// A system of shape `fargate` that was deployed: its releases are to be put in.
    pub(crate) fn deployed() -> Self {
        let mut world = Self::bare();
        let outputs = json!({
            "cluster": "shop", "app_service": "shop-app", "app_task_family": "shop-app", "app_log_group": "/shop/app",
            "page_bucket": "shop-page-123456789012", "distribution_id": "E2QWRUHAPOMQZL",
            "database_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1",
            "url": "https://d111111abcdef8.cloudfront.net",
        });
        let applied = json!({"digest": "00", "outputs": outputs, "at": "2026-11-20T10:00:00Z", "by": "arn:aws:iam::123456789012:user/ana"});
        world.object("applied/shop/default.json", &applied.to_string());
        world
    }

    /// The same with releases 1 to 4: 3 failed, 4 is in force.
    pub(crate) fn released() -> Self {
        let mut world = Self::deployed();
        for number in 1..=4 {
            let why =
                json!({"failed": {"at": "2026-11-20T10:09:00Z", "why": ["2 tasks stopped: exit code 101"]}});
            let more = match number {
                3 => json!({"outcome": why, "migrated": false}),
                4 => json!({"message": "the new login"}),
                _ => json!({}),
            };
            world.object(&format!("releases/shop/default/{number}.json"), &record(number, more));
        }
        world.object("releases/shop/default/current", "4\n");
        world
    }

    pub(crate) fn object(&mut self, key: &str, text: &str) {
        self.objects.insert((BUCKET.to_owned(), key.to_owned()), text.as_bytes().to_vec());
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.objects.contains_key(&(BUCKET.to_owned(), key.to_owned()))
    }

    pub(crate) fn answer(&mut self, call: &str, asked: &str, status: u16, body: impl ToString) {
        let (call, asked) = (call.to_owned(), asked.to_owned());
        self.answers.push(Scripted { call, asked, status, body: body.to_string(), code: None });
    }

    pub(crate) fn json(&mut self, call: &str, asked: &str, body: Json) {
        self.answer(call, asked, 200, body);
    }

    /// With these members, as the service's protocol wraps them ("Query" and "EC2" of the Smithy specification).
    pub(crate) fn xml(&mut self, call: &str, asked: &str, members: &str) {
        self.answer(call, asked, 200, wrapped(call, members));
    }

    pub(crate) fn refuse(&mut self, call: &str, status: u16, code: &str, message: &str) {
        let (call, code) = (call.to_owned(), Some(code.to_owned()));
        self.answers.push(Scripted { call, asked: String::new(), status, body: message.to_owned(), code });
    }

    fn reply(&mut self, request: &Request) -> Answer {
        if request.service() == "s3" {
            return self.s3(request);
        }
        let call = request.call();
        self.asked.push(format!("{call} {}", request.text()));
        if self.expired && request.service() != "sts" {
            return request.expired();
        }
        let named = request.text().split("DBClusterSnapshotIdentifier=").nth(1);
        if let Some(name) = named.filter(|_| self.echo_snapshots && call == "rds:DescribeDBClusterSnapshots")
        {
            let name = name.split('&').next().unwrap();
            let snapshots = format!(
                "<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>{name}</DBClusterSnapshotIdentifier><Status>available</Status></DBClusterSnapshot></DBClusterSnapshots>"
            );
            return Answer::of(200, wrapped(&call, &snapshots));
        }
        let fits = |one: &&Scripted| one.call == call && request.text().contains(&one.asked);
        let found = self.answers.iter().find(fits).cloned();
        if let Some((_, happens)) = self.then.filter(|(after, _)| *after == call) {
            happens(self);
        }
        match found {
            Some(Scripted { status, body, code: Some(code), .. }) => request.refused(status, &code, &body),
            Some(one) => Answer::of(one.status, one.body),
            None => request.refused(418, "Unexpected", &format!("nobody expected {call} {}", request.text())),
        }
    }

    fn s3(&mut self, request: &Request) -> Answer {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let (bucket, key) =
            path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_matches('/'), ""));
        let owned = (bucket.to_owned(), key.to_owned());
        self.asked.push(format!("s3:{} {path} {query}", request.method));
        if self.expired {
            return request.expired();
        }
        if !self.objects.keys().any(|(own, _)| own == bucket) {
            return request.refused(404, "NoSuchBucket", "The specified bucket does not exist");
        }
        let told = |body: &[u8]| Answer::of(200, body).with("ETag", &format!("\"{}\"", body.len()));
        let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
        let prefix = prefix.replace("%2F", "/");
        let listed = |one: &str, more: &str| {
            let all = self.objects.keys().filter(|(own, key)| own == bucket && key.starts_with(&prefix));
            let all = all.map(|(_, key)| {
                format!("<{one}><Key>{key}</Key>{more}<Size>1</Size><ETag>&quot;1&quot;</ETag></{one}>")
            });
            all.collect::<String>()
        };
        let version = "<VersionId>v1</VersionId><IsLatest>true</IsLatest>";
        match (request.method.as_str(), key, query) {
            ("GET", "", "tagging") => Answer::of(
                200,
                "<Tagging><TagSet><Tag><Key>terrace:foundation</Key><Value>1</Value></Tag></TagSet></Tagging>",
            ),
            ("GET", "", query) if query.contains("versions") => Answer::of(
                200,
                format!("<ListVersionsResult>{}</ListVersionsResult>", listed("Version", version)),
            ),
            ("GET", "", _) => {
                Answer::of(200, format!("<ListBucketResult>{}</ListBucketResult>", listed("Contents", "")))
            }
            ("POST", "", _) => {
                for part in request.text().split("<Key>").skip(1) {
                    let key = part.split("</Key>").next().unwrap().to_owned();
                    self.objects.remove(&(bucket.to_owned(), key));
                }
                Answer::of(200, "<DeleteResult></DeleteResult>")
            }
            ("PUT", _, _) => {
                self.objects.insert(owned, request.body.clone());
                Answer { body: Vec::new(), ..told(&request.body) }
            }
            ("DELETE", _, _) => {
                self.objects.remove(&owned);
                Answer::of(204, "")
            }
            _ => match self.objects.get(&owned) {
                Some(body) => told(body),
                None => request.refused(404, "NoSuchKey", "The specified key does not exist."),
            },
        }
    }
}

/// An answer of these members to a call.
fn wrapped(call: &str, members: &str) -> String {
    match call.split_once(':').unwrap() {
        ("ec2", operation) => format!("<{operation}Response>{members}</{operation}Response>"),
        (_, operation) => {
            format!(
                "<{operation}Response><{operation}Result>{members}</{operation}Result></{operation}Response>"
            )
        }
    }
}

impl Played {
    pub(crate) fn of(world: World) -> Self {
        Self::with(world, MANIFEST)
    }

    pub(crate) fn with(world: World, manifest: &str) -> Self {
        let world = Arc::new(Mutex::new(world));
        let play = Arc::clone(&world);
        let server = Server::start(move |request| Reply::from(play.lock().unwrap().reply(request)));
        let folder = Folder::with(&[("terrace.toml", manifest), ("page/index.html", ""), ("app/x", "")]);
        Self { server, world, folder }
    }

    /// Looks at the world, or changes it.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }

    /// The program, with credentials for what is played.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.folder.command(line);
        command.envs(self.environment());
        command
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "planted-secret".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ENDPOINT_URL", self.server.address()),
            ("TERRACE_PACE_MS", "1".to_owned()),
        ]
    }

    pub(crate) fn run(&self, line: &str) -> Ran {
        let output = self.command(line).output().unwrap();
        self.ran(output)
    }

    pub(crate) fn ran(&self, output: std::process::Output) -> Ran {
        let text =
            |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&self.server.address(), "[AWS]");
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        for said in [&ran.stdout, &ran.stderr] {
            assert!(!said.contains("planted-secret"), "{said}");
        }
        ran
    }

    /// What a person sees on a terminal of so many columns.
    pub(crate) fn on_terminal(&self, line: &str, columns: u16) -> String {
        let (mut pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(24, columns)).unwrap();
        let command = pty_process::blocking::Command::new(env!("CARGO_BIN_EXE_terrace"))
            .args(line.split_whitespace())
            .current_dir(self.folder.project())
            .env_clear()
            .envs(self.environment())
            .env("TERM", "xterm");
        let mut child = command.spawn(pts).unwrap();
        let (mut said, mut some) = (Vec::new(), [0; 1024]);
        // A terminal whose other side is gone ends with an error.
        while let Ok(length @ 1..) = pty.read(&mut some) {
            said.extend_from_slice(&some[..length]);
        }
        child.wait().unwrap();
        anstream::adapter::strip_str(&String::from_utf8(said).unwrap()).to_string().replace('\r', "")
    }

    /// All that a person meets.
    pub(crate) fn shows(&self, line: &str) -> String {
        shown(&self.run(line))
    }
}

/// All that a person meets.
pub(crate) fn shown(ran: &Ran) -> String {
    let mut all = format!("exit code: {}\n", ran.code);
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !text.is_empty() {
            all.push_str(&format!("----- {name}\n{text}"));
        }
    }
    all
}

/// What a person meets, without what the clock and the width of columns have to do with it.
pub(crate) fn steady(text: &str) -> String {
    let unit = "(years?|months?|days?|h|m|s)";
    let ago = regex::Regex::new(&format!("[0-9]+{unit}( [0-9]+{unit})?( ago)?")).unwrap();
    let took = regex::Regex::new(" in ([0-9]+ min )?[0-9.]+ s\\b").unwrap();
    let text = took.replace_all(text, "");
    let wide = regex::Regex::new("  +").unwrap();
    let text = ago.replace_all(&text, "[AGO]");
    let lines = text.lines().map(|line| {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        format!("{indent}{}\n", wide.replace_all(rest.trim_end(), "  "))
    });
    lines.collect()
}

/// A record of a release; `more` replaces and adds fields.
pub(crate) fn record(number: u32, more: Json) -> String {
    let digest = |one: u32| format!("sha256:{one:064x}");
    let file = |path: &str, one: u32| json!({"path": path, "digest": digest(one), "length": 10, "type": "text/html", "cache": "no-cache"});
    let mut record = json!({
        "format": 2, "number": number, "at": format!("2026-11-1{number}T10:00:00Z"),
        "by": "arn:aws:sts::123456789012:assumed-role/deployer/ana",
        "commit": {"revision": format!("{number}{number}{number}{number}abcdef0123"), "dirty": number == 2},
        "message": null, "restores": null, "allowed": [],
        "contents": {
            "page": {"digest": digest(number), "files": [file("index.html", number), file("about.html", 0)]},
            "app": {"image": digest(100 + number / 2)},
            "migration": {"command": ["./migrate"], "digest": digest(200 + u32::from(number > 2))},
            "configuration": {"app": {"plain": {"LOG_LEVEL": "info"}, "secret": ["MAIL_KEY", "SESSION_KEY"]}},
            "infrastructure": digest(400),
        },
        "definition": format!("arn:aws:ecs:us-east-1:123456789012:task-definition/shop-app:{number}"),
        "migrated": true,
        "outcome": {"done": {"at": format!("2026-11-1{number}T10:01:03Z")}},
    });
    for (name, value) in more.as_object().unwrap() {
        record[name] = value.clone();
    }
    record.to_string()
}
