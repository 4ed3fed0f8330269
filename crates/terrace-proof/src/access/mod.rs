//! Decisions on access: the evaluation rules of IAM, as pure functions over policies and a request.
