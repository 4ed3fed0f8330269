"""Serves a schema to the real terraform as hashicorp/aws, for `validate` alone.

`python -m provider6.stub SCHEMA.json TYPES.json` prints the value of TF_REATTACH_PROVIDERS and serves until its stdin
ends. TYPES.json, [[kind, type], …], limits it to what the exports use: the whole schema takes seconds to send.
"""

import json
import os
import sys
from concurrent import futures

import grpc
import msgpack

from . import wire

PROVIDER = {
    "attributes": {
        **{k: {"type": "string", "optional": True} for k in ("region", "profile", "access_key", "secret_key", "token")},
        **{
            k: {"type": "bool", "optional": True}
            for k in (
                "skip_credentials_validation",
                "skip_metadata_api_check",
                "skip_region_validation",
                "skip_requesting_account_id",
                "s3_use_path_style",
            )
        },
        "max_retries": {"type": "number", "optional": True},
        "allowed_account_ids": {"type": ["set", "string"], "optional": True},
    },
    "block_types": {
        "default_tags": {
            "nesting_mode": "list",
            "max_items": 1,
            "block": {"attributes": {"tags": {"type": ["map", "string"], "optional": True}}},
        },
    },
}


def decode(dynamic):
    held = wire.fields(dynamic)
    if 1 in held:
        return msgpack.unpackb(held[1], raw=False, strict_map_key=False)
    return json.loads(held.get(2, b"null"))


def read_only(block, value, path=()):
    """Paths of attributes that are set and may only be read."""
    if not isinstance(value, dict):
        return
    for name, a in block.get("attributes", {}).items():
        if a.get("computed") and not a.get("optional") and value.get(name) is not None:
            yield (*path, name)
    for name, nested in block.get("block_types", {}).items():
        inner = value.get(name)
        if isinstance(inner, dict) and nested["nesting_mode"] == "map":
            inner = list(inner.values())
        for element in inner if isinstance(inner, list) else [inner]:
            yield from read_only(nested["block"], element, (*path, name))


class Service(grpc.GenericRpcHandler):
    def __init__(self, schema):
        self.schema = schema
        self.answer = wire.provider_schema(PROVIDER, schema["resource"], schema["data"], schema["ephemeral"])

    def service(self, call):
        method = call.method.rsplit("/", 1)[1]
        handlers = {
            "GetProviderSchema": lambda _: self.answer,
            "ValidateProviderConfig": lambda _: b"",
            "ValidateResourceConfig": lambda m: self.validate("resource", m),
            "ValidateDataResourceConfig": lambda m: self.validate("data", m),
            "ValidateEphemeralResourceConfig": lambda m: self.validate("ephemeral", m),
            "StopProvider": lambda _: b"",
        }
        if method not in handlers:
            return None
        return grpc.unary_unary_rpc_method_handler(lambda message, _: handlers[method](message))

    def validate(self, kind, message):
        request = wire.fields(message)
        block = self.schema[kind][request[1].decode()]
        wrong = read_only(block, decode(request.get(2, b"")))
        return b"".join(
            wire.diagnostic(1, "Value for unconfigurable attribute", ".".join(p) + " is read-only", p[0]) for p in wrong
        )


def main(schema_path, types_path):
    with open(schema_path) as file:
        schema = json.load(file)
    with open(types_path) as file:
        wanted = {tuple(pair) for pair in json.load(file)}
    for kind in ("resource", "data", "ephemeral"):
        schema[kind] = {n: b for n, b in schema[kind].items() if (kind, n) in wanted}
    server = grpc.server(
        futures.ThreadPoolExecutor(8),
        options=[("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)],
    )
    server.add_generic_rpc_handlers((Service(schema),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    print(
        json.dumps(
            {
                "registry.terraform.io/hashicorp/aws": {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": os.getpid(),
                    "Test": True,
                    "Addr": address,
                }
            }
        ),
        flush=True,
    )
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main(*sys.argv[1:])
