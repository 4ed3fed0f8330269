//! Stands in for the services that the program asks: over HTTP on a free port of this machine, one request a
//! connection. It checks every signature.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use terrace_boot::Secret;
use terrace_boot::sign::Unsigned;

/// An answer that is an error.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) message: &'static str,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn target(&self) -> &str {
        self.headers.get("x-amz-target").map_or("", String::as_str)
    }
}

/// What it knows.
#[derive(Default)]
pub(crate) struct World {
    /// Value and type by name.
    pub(crate) parameters: BTreeMap<String, (String, &'static str)>,
    /// Text and version by name.
    pub(crate) secrets: BTreeMap<String, (String, u32)>,
    /// Who may ask: secret key and session token by access key.
    pub(crate) keys: BTreeMap<String, (String, Option<String>)>,
    /// Access keys whose time is over.
    pub(crate) expired: BTreeSet<String>,
    /// Errors that come before answers do, by target.
    pub(crate) faults: BTreeMap<&'static str, VecDeque<Fault>>,
    /// The access keys that the metadata gives, one after the other; the last one stays.
    pub(crate) instance: VecDeque<&'static str>,
    /// The access key that the container's endpoint gives, and the token that it wants.
    pub(crate) container: Option<(&'static str, &'static str)>,
    pub(crate) seen: Vec<Seen>,
}

/// The stand-in. It ends with the test's process.
#[derive(Clone)]
pub(crate) struct Aws {
    world: Arc<Mutex<World>>,
    pub(crate) url: String,
}

pub(crate) const KEY: &str = "AKIAPLANTED";
pub(crate) const SECRET_KEY: &str = "planted-secret-access-key";

impl Aws {
    pub(crate) fn start() -> Self {
        Self::over("http", |stream| stream)
    }

    /// The same over HTTPS, at `localhost`, with the certificate that it also gives as PEM.
    pub(crate) fn start_secure() -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls_pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let aws = Self::over("https", move |stream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            rustls::StreamOwned::new(connection, stream)
        });
        (aws, made.cert.pem())
    }

    fn over<S: Read + Write>(scheme: &str, wrap: impl Fn(TcpStream) -> S + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("{scheme}://localhost:{}", listener.local_addr().unwrap().port());
        let mut world = World::default();
        world.keys.insert(KEY.to_owned(), (SECRET_KEY.to_owned(), None));
        let aws = Self { world: Arc::new(Mutex::new(world)), url };
        let server = aws.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, wrap) = (server.clone(), wrap.clone());
                std::thread::spawn(move || server.serve(wrap(stream.unwrap())));
            }
        });
        aws
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn parameter(&self, name: &str, value: &str) {
        self.world().parameters.insert(name.to_owned(), (value.to_owned(), "String"));
    }

    /// Sets a secret: a new version if it was there.
    pub(crate) fn secret(&self, name: &str, text: &str) {
        let mut world = self.world();
        let version = world.secrets.get(name).map_or(1, |(_, version)| version + 1);
        world.secrets.insert(name.to_owned(), (text.to_owned(), version));
    }

    pub(crate) fn fault(&self, target: &'static str, fault: Fault) {
        self.world().faults.entry(target).or_default().push_back(fault);
    }

    fn serve<S: Read + Write>(&self, stream: S) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next()?, words.next()?);
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let seen = Seen { method, path, headers, body: String::from_utf8(body).unwrap() };
        let (status, answer) = self.answer(&seen);
        self.world().seen.push(seen);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        reader.get_mut().write_all(format!("{head}{answer}").as_bytes()).ok()
    }

    fn answer(&self, seen: &Seen) -> (u16, String) {
        let text = match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/") => return self.call(seen),
            ("PUT", "/latest/api/token") => {
                assert!(seen.headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds"));
                Some("planted-imds-token".to_owned())
            }
            ("GET", path) if path.starts_with("/latest/") => {
                if seen.headers.get("x-aws-ec2-metadata-token").map(String::as_str)
                    != Some("planted-imds-token")
                {
                    return (401, String::new());
                }
                self.metadata(path)
            }
            ("GET", "/container") => {
                let container = self.world().container;
                let token = seen.headers.get("authorization").map(String::as_str);
                container.filter(|(_, wanted)| token == Some(wanted)).map(|(key, _)| self.role(key))
            }
            _ => None,
        };
        text.map_or((404, String::new()), |text| (200, text))
    }

    fn metadata(&self, path: &str) -> Option<String> {
        match path {
            "/latest/meta-data/placement/region" => Some("eu-north-1".to_owned()),
            "/latest/meta-data/iam/security-credentials/" => {
                (!self.world().instance.is_empty()).then(|| "the-role".to_owned())
            }
            "/latest/meta-data/iam/security-credentials/the-role" => {
                let key = {
                    let mut world = self.world();
                    let key = world.instance.pop_front()?;
                    if world.instance.is_empty() {
                        world.instance.push_back(key);
                    }
                    key
                };
                Some(self.role(key))
            }
            _ => None,
        }
    }

    /// Makes a role's key valid, and hands it out.
    fn role(&self, key: &str) -> String {
        let token = format!("planted-session-{key}");
        let secret = format!("planted-secret-of-{key}");
        self.world().keys.insert(key.to_owned(), (secret.clone(), Some(token.clone())));
        json!({
            "AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": "2099-01-01T00:00:00Z"
        })
        .to_string()
    }

    fn call(&self, seen: &Seen) -> (u16, String) {
        let world = self.world();
        if let Err(problem) = signed(seen, &world) {
            return error(403, problem, "");
        }
        drop(world);
        let mut world = self.world();
        let fault = world.faults.iter_mut().find(|(target, _)| **target == seen.target());
        if let Some(fault) = fault.and_then(|(_, faults)| faults.pop_front()) {
            return error(fault.status, fault.kind, fault.message);
        }
        let input: Value = serde_json::from_str(&seen.body).unwrap();
        match seen.target() {
            "AmazonSSM.GetParametersByPath" => (200, page(&world, &input).to_string()),
            "secretsmanager.GetSecretValue" => {
                let id = input["SecretId"].as_str().unwrap();
                match world.secrets.get(id) {
                    None => error(
                        400,
                        "ResourceNotFoundException",
                        "Secrets Manager can't find the specified secret.",
                    ),
                    Some((text, version)) => {
                        let version = format!("version-{version}");
                        (200, json!({"Name": id, "SecretString": text, "VersionId": version}).to_string())
                    }
                }
            }
            other => error(400, "UnknownOperationException", other),
        }
    }
}

fn page(world: &World, input: &Value) -> Value {
    assert_eq!((&input["WithDecryption"], &input["Recursive"]), (&json!(true), &json!(false)));
    let path = input["Path"].as_str().unwrap();
    let below: Vec<_> = world
        .parameters
        .iter()
        .filter(|(name, _)| name.strip_prefix(path).is_some_and(|rest| !rest.contains('/')))
        .map(|(name, (value, kind))| json!({"Name": name, "Value": value, "Type": kind, "Version": 1}))
        .collect();
    let most: usize = input["MaxResults"].as_u64().unwrap().try_into().unwrap();
    assert!(most <= 10, "AWS refuses more");
    let first: usize = input["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
    let mut page = json!({"Parameters": below.iter().skip(first).take(most).collect::<Vec<_>>()});
    if first + most < below.len() {
        page["NextToken"] = json!((first + most).to_string());
    }
    page
}

fn error(status: u16, kind: &str, message: &str) -> (u16, String) {
    (status, json!({"__type": format!("com.amazonaws.x#{kind}"), "message": message}).to_string())
}

fn signed(seen: &Seen, world: &World) -> Result<(), &'static str> {
    let header = |name: &str| seen.headers.get(name).map_or("", String::as_str);
    let scope = header("authorization").split_once("Credential=").map_or("", |(_, rest)| rest);
    let mut scope = scope.split([',', '/']);
    let mut part = || scope.next().unwrap_or_default().to_owned();
    let (key, _day, region, service) = (part(), part(), part(), part());
    let Some((secret, token)) = world.keys.get(&key) else { return Err("UnrecognizedClientException") };
    if world.expired.contains(&key) {
        return Err("ExpiredTokenException");
    }
    let token = token.clone().map(Secret::new);
    let unsigned = Unsigned {
        access_key_id: &key,
        session_token: token.as_ref(),
        region: &region,
        service: &service,
        host: header("host"),
        target: header("x-amz-target"),
        date: header("x-amz-date"),
        body: seen.body.as_bytes(),
    };
    let right = unsigned.authorization(&Secret::new(secret.clone()));
    let sent = token.as_ref().is_none_or(|token| header("x-amz-security-token") == token.reveal());
    if right == header("authorization") && sent { Ok(()) } else { Err("InvalidSignatureException") }
}
