"""`terrace deploy` and its neighbours on the emulated AWS: real Terraform, a real registry, read back from outside."""
