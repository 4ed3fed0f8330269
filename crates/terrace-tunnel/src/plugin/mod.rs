//! `session-manager-plugin` as the AWS CLI calls it.
