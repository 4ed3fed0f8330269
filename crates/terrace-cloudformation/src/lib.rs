//! A CloudFormation template as an inventory.
