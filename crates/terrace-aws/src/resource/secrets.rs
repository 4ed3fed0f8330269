//! Keys, secrets and parameters.

use crate::PolicyDocument;
use crate::define::resource;

use super::Tags;
use crate::Text;

resource! {
    /// A key that encrypts what is kept.
    KmsKey(Managed "aws_kms_key") {
        description: Text,
        enable_key_rotation: bool,
        deletion_window_in_days: u32,
        policy: PolicyDocument,
        tags: Tags,
    }
}
