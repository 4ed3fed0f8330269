"""ECR: the images of a repository are those that a real registry has, named by MOTO_PLUS_REGISTRY (host:port)."""

import json
import os
import urllib.error
import urllib.request

from moto.ecr import models

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def ask(path, method="GET"):
    host = os.environ["MOTO_PLUS_REGISTRY"]
    request = urllib.request.Request(f"http://{host}/v2/{path}", method=method, headers={"Accept": MANIFEST})
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)


def pushed(repository):
    """The images that were pushed since somebody looked last are taken over."""
    try:
        tags = json.load(ask(f"{repository.name}/tags/list"))["tags"] or []
    except urllib.error.HTTPError:
        return
    gone = repository.__dict__.setdefault("_gone", set())
    for tag in tags:
        with ask(f"{repository.name}/manifests/{tag}") as answer:
            digest, text = answer.headers["Docker-Content-Digest"], answer.read().decode()
        known = [i for i in repository.images if i.image_digest == digest]
        if not known and digest not in gone:
            image = models.Image(repository.registry_id, tag, text, repository.name, MANIFEST, digest)
            repository.images.append(image)


def install():
    """Without: no image that was pushed is known."""
    if not os.environ.get("MOTO_PLUS_REGISTRY"):
        return
    for name in ("list_images", "describe_images", "batch_get_image"):
        wrap(name)
    delete()


def wrap(name):
    inner = getattr(models.ECRBackend, name)

    def outer(self, repository_name, *args, **kwargs):
        if repository_name in self.repositories:
            pushed(self.repositories[repository_name])
        return inner(self, repository_name, *args, **kwargs)

    setattr(models.ECRBackend, name, outer)


def delete():
    inner = models.ECRBackend.batch_delete_image

    def outer(self, repository_name, registry_id=None, image_ids=None):
        answer = inner(self, repository_name, registry_id, image_ids)
        # The registry keeps what it has; that it was deleted is known here.
        gone = self.repositories[repository_name].__dict__.setdefault("_gone", set())
        gone.update(i["imageDigest"] for i in image_ids or [] if "imageDigest" in i)
        return answer

    models.ECRBackend.batch_delete_image = outer
