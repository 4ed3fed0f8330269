//! What stands in the way of a conversation that is not there.

use terrace_proof::space::PacketSet;
use terrace_proof::world::Party;

use crate::Subject;

/// The smallest sets of things that block a conversation, in words.
pub(crate) fn reasons(
    subject: &Subject<'_>,
    from: &[Party],
    to: &[Party],
    wanted: Option<&PacketSet>,
) -> Vec<String> {
    let _ = (subject, from, to, wanted);
    Vec::new()
}
