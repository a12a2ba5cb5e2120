"""Terraform and OpenTofu plans and states: facts of the resources before and after a change, without a call to any cloud.

It takes the output of `terraform show -json` and gives the facts of both moments, with a gap for what a plan does not say.
"""
