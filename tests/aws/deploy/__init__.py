"""`terrace deploy` and its neighbours against the emulated AWS: real Terraform, a real registry, read back from outside."""
