"""Holds what the scripted AWS of our tests answers, and what our code asks of it, to AWS's own service models."""
