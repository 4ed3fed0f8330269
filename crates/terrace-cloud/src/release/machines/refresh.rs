//! Instance refreshes: which are under way, one that is begun, one that is taken back.
//!
//! There is no token by which Auto Scaling would know a question again: a refresh is looked for before and after it is asked
//! for, and is known by the version of the template that it leads to.
//!
//! "StartInstanceRefresh", "DescribeInstanceRefreshes", "RollbackInstanceRefresh", Amazon EC2 Auto Scaling API Reference.

use terrace_account::service::AUTOSCALING;
use terrace_account::{Account, Call, Refusal, Xml};

use super::group::SCALING;
use crate::deployed::Group;

/// An instance refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refresh {
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) percent: u8,
    /// Machines still to be replaced.
    pub(crate) left: u32,
    /// The version of the template to which it leads; none if it was begun without one.
    pub(crate) version: Option<String>,
    /// RFC 3339.
    pub(crate) start: String,
    /// Why it goes back.
    pub(crate) rollback: Option<String>,
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// On its way there.
    Going,
    /// On its way back, or being stopped.
    Returning,
    /// There.
    Done,
    /// Back where it began.
    Back,
    /// Stopped in between.
    Stopped,
}

impl Refresh {
    fn of(xml: &Xml) -> Self {
        let word = |name: &str| xml.word(name).map(str::to_owned);
        let number =
            |name: &str| xml.word(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
        let status = match xml.word("Status").unwrap_or_default() {
            "Pending" | "InProgress" | "Baking" => Status::Going,
            "Cancelling" | "RollbackInProgress" => Status::Returning,
            "Successful" => Status::Done,
            "RollbackSuccessful" => Status::Back,
            _ => Status::Stopped,
        };
        Self {
            id: word("InstanceRefreshId").unwrap_or_default(),
            status,
            reason: word("StatusReason"),
            percent: u8::try_from(number("PercentageComplete").min(100)).unwrap_or(100),
            left: number("InstancesToUpdate"),
            version: xml
                .at(&["DesiredConfiguration", "LaunchTemplate", "Version"])
                .map(|one| one.own().to_owned()),
            start: word("StartTime").unwrap_or_default(),
            rollback: xml.at(&["RollbackDetails", "RollbackReason"]).map(|one| one.own().to_owned()),
        }
    }

    /// Whether it has not ended.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Going | Status::Returning)
    }

    /// All of a group's, or one.
    pub(crate) async fn read(
        account: &Account,
        group: &Group,
        id: Option<&str>,
    ) -> Result<Vec<Self>, Refusal> {
        let call = about(group, "DescribeInstanceRefreshes");
        let call = match id {
            Some(id) => call.with("InstanceRefreshIds.member.1", id),
            None => call,
        };
        // Those under way come first, and six weeks of others are not needed.
        let answer = account.xml(&call).await?;
        let list = answer.find("InstanceRefreshes").map(Xml::children).unwrap_or_default();
        Ok(list.iter().map(Self::of).collect())
    }

    /// Begins one that leads to a version; one that is on its way there is taken for it.
    pub(crate) async fn start(
        account: &Account,
        group: &Group,
        (template, version): (&str, &str),
    ) -> Result<String, Refusal> {
        let mut call = about(group, "StartInstanceRefresh").with("Strategy", "Rolling");
        for (name, value) in [
            ("DesiredConfiguration.LaunchTemplate.LaunchTemplateId", template),
            ("DesiredConfiguration.LaunchTemplate.Version", version),
            // A new machine serves before an old one goes.
            ("Preferences.MinHealthyPercentage", "100"),
            ("Preferences.MaxHealthyPercentage", "200"),
            // A machine of this version runs this release: what a broken-off refresh has replaced stays.
            ("Preferences.SkipMatching", "true"),
            ("Preferences.AutoRollback", "true"),
        ] {
            call = call.with(name, value);
        }
        let refusal = match account.xml(&call).await {
            Ok(answer) => {
                return Ok(answer.find("InstanceRefreshId").map(Xml::own).unwrap_or_default().to_owned());
            }
            Err(refusal) => refusal,
        };
        if !refusal.is_doubtful() && refusal.code() != "InstanceRefreshInProgress" {
            return Err(refusal);
        }
        let there = Self::read(account, group, None).await?;
        let ours = |one: &Self| one.is_under_way() && one.version.as_deref() == Some(version);
        there.into_iter().find(ours).map(|one| one.id).ok_or(refusal)
    }

    /// Has what it replaced replaced again by what was there.
    pub(crate) async fn roll_back(account: &Account, group: &Group) -> Result<(), Refusal> {
        account.xml(&about(group, "RollbackInstanceRefresh")).await.map(drop)
    }

    /// Stops it where it is.
    pub(crate) async fn cancel(account: &Account, group: &Group) -> Result<(), Refusal> {
        account.xml(&about(group, "CancelInstanceRefresh")).await.map(drop)
    }
}

/// A call about a group.
pub(crate) fn about<'a>(group: &Group, action: &'a str) -> Call<'a> {
    Call::query(AUTOSCALING, SCALING, action).with("AutoScalingGroupName", group.as_str())
}
