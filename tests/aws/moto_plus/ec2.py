"""EC2 and Elastic Load Balancing."""

from moto.core.types import Base64EncodedString
from moto.ec2.models import launch_templates as template_models
from moto.ec2.models import security_groups
from moto.ec2.responses import launch_templates
from moto.elbv2 import models as balancers


def install():
    descriptions()
    template_tags()
    template_user_data()
    template_source()
    scheme()


def descriptions():
    """Without: the description of a rule that names a group or a prefix list reads back null (CIDR rules keep it)."""
    rule = security_groups.SecurityGroupRule
    init = rule.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        prefix = kwargs.get("prefix_list_id") or next(
            (a for a in args if isinstance(a, dict) and "PrefixListId" in a), {}
        )
        self.prefix_description = prefix.get("Description")

    rule.__init__ = patched
    rule.description = property(
        lambda self: (
            self.ip_range.get("Description") or (self.source_group or {}).get("Description") or self.prefix_description
        )
    )
    rule.referenced_group_info = property(
        lambda self: {k: v for k, v in self.source_group.items() if k != "Description"} or None
    )


def template_tags():
    """Without: tags of the launch template itself appear in its data, so every second plan makes a new version."""
    create = launch_templates.LaunchTemplates.create_launch_template

    def created(self):
        backend = self.ec2_backend
        inner = backend.create_launch_template

        def without(name, description, data, tags):
            specifications = [
                t for t in data.get("TagSpecifications", []) if t.get("ResourceType") != "launch-template"
            ]
            data = {k: v for k, v in data.items() if k != "TagSpecifications"}
            if specifications:
                data["TagSpecifications"] = specifications
            return inner(name, description, data, tags)

        backend.create_launch_template = without
        try:
            return create(self)
        finally:
            del backend.create_launch_template

    launch_templates.LaunchTemplates.create_launch_template = created


def template_user_data():
    """Without: a second version's user data is a plain string, and moto's own assertion on it fails."""
    create = template_models.LaunchTemplate.create_version

    def created(self, data, description):
        given = data.get("UserData")
        if given is not None and not isinstance(given, Base64EncodedString):
            data = {**data, "UserData": Base64EncodedString(given)}
        return create(self, data, description)

    template_models.LaunchTemplate.create_version = created


def template_source():
    """Without: a version made from another one has nothing of it; and a token does not make two calls one."""
    create = launch_templates.LaunchTemplates.create_launch_template_version
    known = {}

    def created(self):
        token, source = self._get_param("ClientToken"), self._get_param("SourceVersion")
        if token in known:
            return known[token]
        id_, name = self._get_param("LaunchTemplateId"), self._get_param("LaunchTemplateName")
        backend = self.ec2_backend
        template = backend.get_launch_template(id_) if id_ else backend.get_launch_template_by_name(name)
        inner = template.create_version
        if source:
            template.create_version = lambda data, text: inner({**template.get_version(source).data, **data}, text)
        try:
            answer = create(self)
        finally:
            template.__dict__.pop("create_version", None)
        if token:
            known[token] = answer
        return answer

    launch_templates.LaunchTemplates.create_launch_template_version = created


def scheme():
    """Without: a public load balancer reads back without Scheme (the provider sends it only for internal ones)."""
    init = balancers.FakeLoadBalancer.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.scheme = self.scheme or "internet-facing"

    balancers.FakeLoadBalancer.__init__ = patched
