"""Drives terraform, the emulator and the AWS command line; one line of output per test."""
