"""Machines made and started as on AWS: a root of Debian, the generated steps, systemd, and what stands around them."""
