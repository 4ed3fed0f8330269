//! STS: who asks. Whoever it is, here they are one user of the rehearsal's account.
//!
//! [GetCallerIdentity](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)

use super::refusal::{Form, Refusal};
use super::{World, query, unknown};

pub(super) const ANSWERED: &[&str] = &["sts:GetCallerIdentity"];
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// The user's name; ids of sessions begin with it, as on AWS.
pub(in crate::endpoint) const USER: &str = "rehearsal";

pub(super) fn answer(world: World<'_>, name: &str, id: &str) -> Result<String, Refusal> {
    if name != "GetCallerIdentity" {
        return Err(unknown(Form::Query, &format!("sts:{name}")));
    }
    let user = format!("AIDA{}", world.place.hex("user", USER, 17).to_uppercase());
    let account = world.place.account.as_str();
    Ok(query(name, NAMESPACE, id, |xml| {
        xml.leaf("Arn", &format!("arn:aws:iam::{account}:user/{USER}"))
            .leaf("UserId", &user)
            .leaf("Account", account);
    }))
}
