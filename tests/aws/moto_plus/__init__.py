"""The AWS of the tests: moto on loopback, with the gaps filled that Terraform trips over.

Each module is one service. Where moto keeps too little of what it was given, its classes are patched (every patch says
what was seen without it); CloudFront and EC2 Image Builder are ours as a whole. `python -m moto_plus` serves it.
"""
