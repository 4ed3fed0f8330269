//! One release of machines: a version, a refresh, and back if it came to nothing.

use terrace_account::objects::Bucket;
use terrace_account::{Account, Refusal};

use super::group::State;
use super::refresh::{Refresh, Status};
use super::template::Version;
use super::{Event, is_there};
use crate::deployed::{MachineParty, Machines, Names, Party, Shape};
use crate::foundation::System;
use crate::release::record::Digest;
use crate::release::{Failure, Pace};

/// What one party's machines shall run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub party: Party,
    /// The artifact that they fetch.
    pub digest: Digest,
}

/// What one party's machines run now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Whose.
    pub party: Party,
    /// The artifact that they fetch.
    pub digest: Digest,
    /// What they ran before, if that is known: what to go back to.
    pub before: Option<Wish>,
    /// The version of the launch template.
    pub version: u64,
}

/// A release under way.
pub(super) struct Releasing<'a> {
    pub(super) account: &'a Account,
    pub(super) names: &'a Names,
    pub(super) pace: Pace,
    pub(super) events: &'a (dyn Fn(Event) + Send + Sync),
}

/// Where a party's machines are led.
pub(super) struct Way<'a> {
    pub(super) party: &'a MachineParty,
    /// The launch template's identifier.
    pub(super) template: String,
    /// The version that is led to, and the one that is led from.
    pub(super) to: Version,
    pub(super) from: Version,
}

/// Brings artifacts that are in the bucket onto the machines, one party after the other. If one comes to nothing, it and those
/// before it go back to what they ran; not so if it was cut off or throttled, for then the same again goes on.
///
/// # Errors
/// If a machine does not come to serve, with why; if AWS refuses, or nobody answers.
pub async fn release(
    account: &Account,
    names: &Names,
    wishes: &[Wish],
    pace: Pace,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<Vec<Released>, Failure> {
    let releasing = Releasing { account, names, pace, events };
    let machines = machines(names)?;
    let mut done: Vec<Released> = Vec::new();
    for wish in wishes {
        let party = party(machines, &wish.party)?;
        match releasing.one(party, wish).await {
            Ok(released) => done.push(released),
            // What passes is gone on with: nobody's machines are replaced twice for a network that was away.
            Err(failure) if failure.passing => return Err(halfway(&done, failure)),
            Err(failure) => return Err(releasing.back(machines, done, failure).await),
        }
    }
    Ok(done)
}

/// A system's machines.
pub(super) fn machines(names: &Names) -> Result<&Machines, Failure> {
    let Shape::Machines(machines) = &names.shape else {
        let why = "it has tasks instead".to_owned();
        return Err(Failure::found("this system has no machines", why, "look at `shape` in terrace.toml"));
    };
    Ok(machines)
}

fn halfway(done: &[Released], mut failure: Failure) -> Failure {
    for released in done {
        failure.in_force.push_str(&format!("; {} runs the new release already", released.party));
    }
    failure
}

/// One party's.
pub(super) fn party<'a>(machines: &'a Machines, party: &Party) -> Result<&'a MachineParty, Failure> {
    let found = machines.parties.iter().find(|one| one.party == *party);
    found.ok_or_else(|| {
        let why = format!("`{party}` has no group of machines");
        Failure::found("there is nothing to release to", why, "type `terrace deploy`, which makes it")
    })
}

fn unread(party: &MachineParty, refusal: &Refusal) -> Failure {
    Failure::refused(format!("the launch template of {} could not be read", party.party), refusal)
}

impl Releasing<'_> {
    async fn one(&self, party: &MachineParty, wish: &Wish) -> Result<Released, Failure> {
        let resumed = self.under_way(party, wish.digest).await?;
        let state = self.state(party).await?;
        let refused = |refusal| unread(party, &refusal);
        let from = self.from(party, &state).await?;
        let name = party.party.clone();
        let same = from.release() == Some(wish.digest);
        let to = if let Some(number) = resumed.as_ref().and_then(|one| one.version.as_deref()) {
            let read = Version::read(self.account, &state.template, number, true).await;
            read.map_err(refused)?.pop().unwrap_or_else(|| from.clone())
        } else if same {
            let health = state.health(self.account).await.map_err(refused)?;
            if state.is_all(&state.version, &health) {
                (self.events)(Event::Unchanged { party: name.clone() });
                return Ok(Released { party: name, digest: wish.digest, before: None, version: from.number });
            }
            from.clone()
        } else {
            self.version(wish, &state.template, &from).await?
        };
        let version = to.number;
        let before = from.release().filter(|_| !same).map(|digest| Wish { party: name.clone(), digest });
        let way = Way { party, template: state.template.clone(), to, from };
        self.lead(&way, resumed.map(|one| one.id)).await?;
        Ok(Released { party: name, digest: wish.digest, before, version })
    }

    /// The version from which a group starts machines now.
    pub(super) async fn from(&self, party: &MachineParty, state: &State) -> Result<Version, Failure> {
        let read = Version::read(self.account, &state.template, &state.version, true).await;
        let from = read.map_err(|refusal| unread(party, &refusal))?.pop();
        from.ok_or_else(|| {
            let why = format!(
                "the group {} starts machines from version `{}` of {}",
                party.group, state.version, state.template
            );
            let what = "the launch template has no such version";
            Failure::found(what, why, "type `terrace deploy --infrastructure`")
        })
    }

    /// The version for what is wished, like the one that is there; made unless it is there too.
    pub(super) async fn version(
        &self,
        wish: &Wish,
        template: &str,
        from: &Version,
    ) -> Result<Version, Failure> {
        self.fetchable(wish).await?;
        let what = || format!("the launch template of {} got no version for this release", wish.party);
        let made = from.with(self.account, template, wish.digest).await;
        let made = made.map_err(|refusal| Failure::refused(what(), &refusal))?;
        let odd = || Failure::found(what(), "EC2 did not say which it made", "type the same again");
        let (to, made) = made.ok_or_else(odd)?;
        (self.events)(Event::Version { party: wish.party.clone(), version: to.number, made });
        Ok(to)
    }

    /// What machines are to fetch has to be there: a former release's may have been taken away.
    async fn fetchable(&self, wish: &Wish) -> Result<(), Failure> {
        let Shape::Machines(machines) = &self.names.shape else { return Ok(()) };
        let bucket = Bucket::new(self.account, machines.artifacts_bucket.clone())
            .owned_by(self.names.account.as_str());
        if is_there(&bucket, &System::from(self.names), wish.digest).await? {
            return Ok(());
        }
        let why = format!(
            "what the machines of {} fetch ({}) is not in {}",
            wish.party,
            wish.digest,
            bucket.name()
        );
        let next = "type `terrace releases` and take one that is kept, or release anew: `terrace deploy`";
        Err(Failure::found("this release is gone", why, next))
    }

    /// Begins the refresh, unless it is under way, and follows it to its end.
    async fn lead(&self, way: &Way<'_>, resumed: Option<String>) -> Result<(), Failure> {
        let (party, group) = (&way.party.party, &way.party.group);
        let known = resumed.is_some();
        let id = match resumed {
            Some(id) => id,
            None => {
                let to = (way.template.as_str(), way.to.number.to_string());
                let started = Refresh::start(self.account, group, (to.0, &to.1)).await;
                started.map_err(|refusal| {
                    Failure::refused(format!("the machines of {party} could not be replaced"), &refusal)
                })?
            }
        };
        (self.events)(Event::Refreshing { party: party.clone(), id: id.clone(), resumed: known });
        self.follow(way, &id).await
    }

    /// The refresh that leads to this release already; waits for one that is on its way back, and goes beside no other.
    pub(super) async fn under_way(
        &self,
        party: &MachineParty,
        digest: Digest,
    ) -> Result<Option<Refresh>, Failure> {
        let what = || format!("the machines of {} could not be looked at", party.party);
        for _ in 0..self.pace.most {
            let all = Refresh::read(self.account, &party.group, None).await;
            let all = all.map_err(|refusal| Failure::refused(what(), &refusal))?;
            let Some(found) = all.into_iter().find(Refresh::is_under_way) else { return Ok(None) };
            if found.status == Status::Returning {
                self.pace.wait().await;
                continue;
            }
            let state = self.state(party).await?;
            // One without a version leads to what the group is made of.
            let version = found.version.as_deref().unwrap_or(&state.version);
            let read = Version::read(self.account, &state.template, version, true).await;
            let read = read.map_err(|refusal| Failure::refused(what(), &refusal))?;
            let release = read.into_iter().next_back().and_then(|one| one.release());
            if release == Some(digest) {
                return Ok(Some(found));
            }
            if version == state.version {
                // Terraform's, after it changed the template: what begins now replaces the same machines, and once is enough.
                match Refresh::cancel(self.account, &party.group).await {
                    Err(refusal) if refusal.code() != "ActiveInstanceRefreshNotFound" => {
                        return Err(Failure::refused(what(), &refusal));
                    }
                    _ => self.pace.wait().await,
                }
                continue;
            }
            let Refresh { id, start, percent, .. } = found;
            let why =
                format!("instance refresh {id} of {}, begun at {start}, is at {percent} %", party.group);
            let next = format!(
                "wait for its end, or take it back: aws autoscaling rollback-instance-refresh --auto-scaling-group-name {}; then type the same again",
                party.group
            );
            return Err(Failure::found("the machines are being replaced by another release", why, next));
        }
        let why = format!("an instance refresh of {} is still on its way back", party.group);
        Err(Failure {
            passing: true,
            ..Failure::found("the machines are not at rest", why, "type the same again later")
        })
    }

    /// The group as it is.
    pub(super) async fn state(&self, party: &MachineParty) -> Result<State, Failure> {
        let what = || format!("the machines of {} could not be looked at", party.party);
        let state = State::read(self.account, &party.group).await;
        let state = state.map_err(|refusal| Failure::refused(what(), &refusal))?;
        let gone = || {
            let why = format!("there is no Auto Scaling group {} in {}", party.group, self.account.region());
            Failure::found(what(), why, "type `terrace deploy --infrastructure`, which makes it")
        };
        state.ok_or_else(gone)
    }

    /// Leads the parties that were done back to what they ran.
    async fn back(&self, machines: &Machines, done: Vec<Released>, mut failure: Failure) -> Failure {
        for released in done.into_iter().rev() {
            let Some(before) = released.before else { continue };
            let why = "it is one release with a party that came to nothing".to_owned();
            (self.events)(Event::GoingBack { party: before.party.clone(), why });
            let Ok(party) = party(machines, &before.party) else { continue };
            if let Err(own) = self.one(party, &before).await {
                failure.why.push(format!("{} could not go back: {}", before.party, own.what));
                failure.why.extend(own.why);
                failure.in_force =
                    format!("{} runs the new release, the others the one before", before.party);
            }
        }
        failure
    }
}
