//! Logs and alarms.

use crate::define::resource;
use crate::{Arn, Ref, Text};

use super::{KmsKey, Tags};

resource! {
    /// Log lines of one source.
    LogGroup(Managed "aws_cloudwatch_log_group") {
        name: Text,
        retention_in_days: u32,
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        tags: Tags,
    }
}
