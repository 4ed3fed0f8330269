"""Service Quotas: of everything there is enough."""

import json

from moto.servicequotas import responses


def install():
    """Without: GetServiceQuota and GetAWSDefaultServiceQuota answer that there is no such quota, or 501."""

    def quota(self):
        asked = json.loads(self.body)
        service, code = asked["ServiceCode"], asked["QuotaCode"]
        told = {"ServiceCode": service, "QuotaCode": code, "QuotaName": code, "Value": 1000.0, "Unit": "None"}
        return json.dumps({"Quota": told})

    responses.ServiceQuotasResponse.get_service_quota = quota
    responses.ServiceQuotasResponse.get_aws_default_service_quota = quota
