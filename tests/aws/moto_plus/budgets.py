"""Budgets: without these the provider fails on the subscribers of a notification and on tags (not implemented)."""

import json

from moto.budgets.models import Budget, Notification
from moto.budgets.responses import BudgetsResponse

TAGS = {}


def install():
    # moto keeps the subscribers and has no call that returns them
    BudgetsResponse.describe_subscribers_for_notification = subscribers
    BudgetsResponse.list_tags_for_resource = lambda self: json.dumps(
        {"ResourceTags": [{"Key": k, "Value": v} for k, v in TAGS.get(self._get_param("ResourceARN"), {}).items()]}
    )
    BudgetsResponse.tag_resource = tag
    BudgetsResponse.untag_resource = untag
    BudgetsResponse.update_budget = update
    create = BudgetsResponse.create_budget

    def created(self):
        out = create(self)
        name = self._get_param("Budget")["BudgetName"]
        arn = f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{name}"
        TAGS[arn] = {t["Key"]: t["Value"] for t in self._get_param("ResourceTags") or []}
        return out

    BudgetsResponse.create_budget = created


def subscribers(self):
    budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
    wanted = self._get_param("Notification")
    for n in budget.notifications:
        if all(n.details.get(k) == v for k, v in wanted.items() if k != "NotificationState"):
            return json.dumps({"Subscribers": n.subscribers})
    return json.dumps({"Subscribers": []})


def tag(self):
    TAGS.setdefault(self._get_param("ResourceARN"), {}).update(
        {t["Key"]: t["Value"] for t in self._get_param("ResourceTags")}
    )
    return "{}"


def untag(self):
    for key in self._get_param("ResourceTagKeys"):
        TAGS.get(self._get_param("ResourceARN"), {}).pop(key, None)
    return "{}"


def update(self):
    account, wanted = self._get_param("AccountId"), self._get_param("NewBudget")
    held = self.backend.budgets[account][wanted["BudgetName"]]
    fresh = Budget(wanted, [])
    fresh.notifications = [Notification(n.details, n.subscribers) for n in held.notifications]
    self.backend.budgets[account][wanted["BudgetName"]] = fresh
    return "{}"
