//! The control plane that AWS has, and whatever speaks like it.
//!
//! "AWS Systems Manager API Reference": StartSession, ResumeSession, TerminateSession.

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value as Json, json};
use terrace_account::{Account, Call, Refusal, service};

use super::{Control, ControlError, Grant, GrantError, SessionId, Target};
use terrace_net::{Endpoint, Port};

use crate::permission::{CHANNEL, DOCUMENT, Place, Refused, Statement};
use crate::wire::StreamUrl;

/// How the interface of Systems Manager is called.
const TARGET: (&str, &str) = ("AmazonSSM", "1.1");
/// How the interface of ECS is called.
const ECS: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");

/// The calls of Session Manager in an account.
#[derive(Debug)]
pub(crate) struct Calls {
    account: Account,
}

/// What a call is about.
enum On<'a> {
    /// What runs a command in a container, or gives a shell on a machine: resources that a statement names.
    Shell(&'a Target, Vec<String>),
    /// Whoever a session is to go through.
    Target(Option<&'a Target>),
    /// A session that there is.
    Session(&'a SessionId),
}

/// Session Manager in an account: sessions to one place through one target.
#[derive(Debug)]
pub struct AccountControl {
    calls: Calls,
    target: Target,
    remote: Endpoint,
    parameters: Vec<(String, String)>,
}

impl AccountControl {
    /// In this account, as whoever it was opened as: through a target to what it resolves `remote` to.
    pub const fn new(account: Account, target: Target, remote: Endpoint) -> Self {
        Self { calls: Calls::new(account), target, remote, parameters: Vec::new() }
    }

    /// With one more parameter of the session document.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Calls {
    /// As whoever the account was opened as.
    pub(crate) const fn new(account: Account) -> Self {
        Self { account }
    }

    /// Starts a session as this request says.
    pub(crate) async fn start(&self, request: Json, target: Option<&Target>) -> Result<Grant, ControlError> {
        self.grant("StartSession", request, &On::Target(target)).await
    }

    /// Has ECS run a command in a container.
    pub(crate) async fn execute(
        &self,
        fields: Json,
        place: &Place,
        target: &Target,
    ) -> Result<Grant, ControlError> {
        let (cluster, task, _) = target.container().unwrap_or_default();
        let resources = [format!("task/{cluster}/{task}"), format!("cluster/{cluster}")]
            .map(|one| place.arn("ecs", &one));
        let call = Call::json(service::ECS, ECS, "ExecuteCommand", fields);
        let answer = self.carry_out(&call, &On::Shell(target, resources.to_vec())).await?;
        let session = answer.get("session").unwrap_or(&Json::Null);
        Grant::read(session).map_err(|why| ControlError::Unreadable { action: call.permission(), why })
    }

    /// Starts a shell on a machine, or a command.
    pub(crate) async fn shell(
        &self,
        fields: Json,
        place: &Place,
        target: &Target,
        command: bool,
    ) -> Result<Grant, ControlError> {
        let [preferences, one_command] = place.shell_documents();
        let document = if command { one_command } else { preferences };
        let resources = vec![target.arn(place.region()), document];
        self.grant("StartSession", fields, &On::Shell(target, resources)).await
    }

    /// A new token and address for a session.
    pub(crate) async fn resume(&self, session: &SessionId) -> Result<Grant, ControlError> {
        self.grant("ResumeSession", json!({ "SessionId": session.as_str() }), &On::Session(session)).await
    }

    /// Ends a session.
    pub(crate) async fn terminate(&self, session: &SessionId) -> Result<(), ControlError> {
        self.ask("TerminateSession", json!({ "SessionId": session.as_str() }), &On::Session(session))
            .await
            .map(drop)
    }

    /// Signs an upgrade.
    pub(crate) async fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, ControlError> {
        let signed = self.account.sign(service::SSMMESSAGES, "GET", &url.address()).await;
        signed.map_err(|refusal| self.meant(CHANNEL, &refusal, &On::Session(session)))
    }

    /// Where it is asked.
    pub(crate) fn region(&self) -> &str {
        self.account.region()
    }

    async fn grant(&self, action: &str, fields: Json, on: &On<'_>) -> Result<Grant, ControlError> {
        let answer = self.ask(action, fields, on).await?;
        Grant::read(&answer).map_err(|why| ControlError::Unreadable { action: format!("ssm:{action}"), why })
    }

    async fn ask(&self, action: &str, fields: Json, on: &On<'_>) -> Result<Json, ControlError> {
        self.carry_out(&Call::json(service::SSM, TARGET, action, fields), on).await
    }

    async fn carry_out(&self, call: &Call<'_>, on: &On<'_>) -> Result<Json, ControlError> {
        let permission = call.permission();
        // The answer holds a token.
        let answer = self.account.secret(call).await;
        let answer = answer.map_err(|refusal| self.meant(&permission, &refusal, on))?;
        let unreadable = |_| ControlError::Unreadable { action: permission, why: GrantError::Shape };
        serde_json::from_str(&answer).map_err(unreadable)
    }

    /// What a refusal means, and what to do.
    fn meant(&self, permission: &str, refusal: &Refusal, on: &On<'_>) -> ControlError {
        let target = match on {
            On::Target(target) => *target,
            On::Shell(target, _) => Some(*target),
            On::Session(_) => None,
        };
        // ECS says of a task whose agent does not run that a parameter is wrong.
        let of_agent =
            refusal.code() == "InvalidParameterException" && refusal.message().contains("execute command");
        if let Some(target) = target.filter(|_| refusal.code().starts_with("TargetNotConnected") || of_agent)
        {
            return ControlError::NotConnected { target: target.clone(), says: refusal.message().to_owned() };
        }
        Refused::of(permission, refusal, || self.allowing(permission, on)).into()
    }

    /// The statement that allows a call.
    fn allowing(&self, permission: &str, on: &On<'_>) -> Statement {
        let region = self.account.region();
        let resources = match on {
            On::Target(Some(target)) => {
                vec![target.arn(region), Place::new(region, "").document()]
            }
            On::Shell(_, resources) => resources.clone(),
            // Of the target nothing is known.
            On::Target(None) => vec!["*".to_owned()],
            On::Session(session) => vec![session.own(region)],
        };
        Statement::allow("TerraceSessions", &[permission], resources)
    }
}

impl Control for AccountControl {
    async fn start(&self, local: Option<Port>) -> Result<Grant, ControlError> {
        let mut parameters = Map::new();
        let mut put = |name: &str, value: String| parameters.insert(name.to_owned(), json!([value]));
        put("host", self.remote.host().to_string());
        put("portNumber", self.remote.port().to_string());
        if let Some(port) = local {
            put("localPortNumber", port.to_string());
        }
        for (name, value) in &self.parameters {
            put(name, value.clone());
        }
        let fields =
            json!({ "Target": self.target.as_str(), "DocumentName": DOCUMENT, "Parameters": parameters });
        self.calls.start(fields, Some(&self.target)).await
    }

    async fn resume(&self, session: &SessionId) -> Result<Grant, ControlError> {
        self.calls.resume(session).await
    }

    async fn terminate(&self, session: &SessionId) -> Result<(), ControlError> {
        self.calls.terminate(session).await
    }

    async fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, ControlError> {
        self.calls.sign(session, url).await
    }

    fn region(&self) -> &str {
        self.calls.region()
    }
}
