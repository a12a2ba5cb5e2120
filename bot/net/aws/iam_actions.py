"""The IAM action that an API operation needs: mostly of the same name, else as in the Service Authorization Reference."""

# Services whose IAM prefix differs from botocore's name of them.
_PREFIX = {
    "apigatewayv2": "apigateway",
    "cloudhsmv2": "cloudhsm",
    "docdb": "rds",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "neptune": "rds",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "resiliencehubv2": "resiliencehub",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}

# Operations whose IAM action has another name.
_ACTION = {
    "keyspaces:GetTable": "cassandra:Select",
    "keyspaces:ListKeyspaces": "cassandra:Select",
    "keyspaces:ListTables": "cassandra:Select",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
}


def iam_action(service: str, operation: str) -> str:
    """Return the IAM action for an `operation` (`DescribeTable`) of botocore's `service`.

    API Gateway's actions are named after the HTTP method; reading is always `apigateway:GET`.
    """
    prefix = _PREFIX.get(service, service)
    if prefix == "apigateway":
        return "apigateway:GET"
    action = f"{prefix}:{operation}"
    return _ACTION.get(action, action)
