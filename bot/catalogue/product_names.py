"""Proper names of cloud products and providers, as their vendors write them: `dynamodb` -> `DynamoDB`, `aws` -> `AWS`."""

from collections.abc import Mapping

from bot.catalogue.providers import known_providers

_SHORT: Mapping[str, str] = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
PRODUCTS: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "acm": "AWS Certificate Manager",
        "apigateway": "API Gateway",
        "appsync": "AppSync",
        "arc": "Application Recovery Controller",
        "athena": "Athena",
        "autoscaling": "EC2 Auto Scaling",
        "backup": "AWS Backup",
        "batch": "AWS Batch",
        "bedrock": "Bedrock",
        "cloudformation": "CloudFormation",
        "cloudfront": "CloudFront",
        "cloudtrail": "CloudTrail",
        "cloudwatch": "CloudWatch",
        "codeartifact": "CodeArtifact",
        "codebuild": "CodeBuild",
        "codedeploy": "CodeDeploy",
        "codepipeline": "CodePipeline",
        "cognito": "Cognito",
        "dax": "DynamoDB Accelerator",
        "directconnect": "Direct Connect",
        "dms": "Database Migration Service",
        "docdb": "DocumentDB",
        "docdbelastic": "DocumentDB elastic clusters",
        "ds": "Directory Service",
        "dsql": "Aurora DSQL",
        "dynamodb": "DynamoDB",
        "ebs": "EBS",
        "ec2": "EC2",
        "ecr": "ECR",
        "ecs": "ECS",
        "efs": "EFS",
        "eks": "EKS",
        "elasticache": "ElastiCache",
        "elasticacheserverless": "ElastiCache Serverless",
        "elasticloadbalancing": "Elastic Load Balancing",
        "eventbridge": "EventBridge",
        "fargate": "Fargate",
        "firehose": "Data Firehose",
        "fis": "Fault Injection Service",
        "fsx": "FSx",
        "globalaccelerator": "Global Accelerator",
        "glue": "Glue",
        "iam": "IAM",
        "kafka": "MSK",
        "kinesis": "Kinesis",
        "kms": "KMS",
        "lambda": "Lambda",
        "logs": "CloudWatch Logs",
        "memorydb": "MemoryDB",
        "mq": "Amazon MQ",
        "neptune": "Neptune",
        "neptunegraph": "Neptune Analytics",
        "opensearch": "OpenSearch Service",
        "opensearchserverless": "OpenSearch Serverless",
        "organizations": "AWS Organizations",
        "rds": "RDS",
        "redshift": "Redshift",
        "redshiftserverless": "Redshift Serverless",
        "resiliencehub": "Resilience Hub",
        "route53": "Route 53",
        "s3": "S3",
        "sagemaker": "SageMaker",
        "scheduler": "EventBridge Scheduler",
        "secretsmanager": "Secrets Manager",
        "servicediscovery": "Cloud Map",
        "ses": "SES",
        "sns": "SNS",
        "sqs": "SQS",
        "ssm": "Systems Manager",
        "states": "Step Functions",
        "sts": "STS",
        "timestreaminfluxdb": "Timestream for InfluxDB",
        "transfer": "Transfer Family",
        "vpc": "VPC",
    },
}


def provider_name(provider: str) -> str:
    """The provider's proper name in its short form (`AWS`, `Stripe`); the word itself where none is known."""
    if provider in _SHORT:
        return _SHORT[provider]
    known = known_providers().get(provider)
    return known.title if known else provider


def product_name(provider: str, product: str) -> str:
    """The product's proper name (`DynamoDB`); `Google Cloud pubsub` where only the provider's is known."""
    return PRODUCTS.get(provider, {}).get(product) or f"{provider_name(provider)} {product}"
