"""Secrets Manager: every password made here begins with the canary, so that a test can look for it anywhere."""

import json
import os
import random
import string

from moto.secretsmanager.models import SecretsManagerBackend

CANARY = os.environ.get("MOTO_PLUS_CANARY", "Canary")


def password(length):
    """A password of this length that begins with the canary as far as it fits."""
    rest = "".join(random.choices(string.ascii_letters + string.digits, k=max(0, length - len(CANARY))))
    return (CANARY + rest)[:length]


def install():
    def get_random_password(self, password_length, *args, **kwargs):
        return json.dumps({"RandomPassword": password(int(password_length or 32))})

    SecretsManagerBackend.get_random_password = get_random_password
